// OP-06: a gateway with a fifth of a core and 256 MiB
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { WebSocket } from 'ws';
import { ServedFleet } from '../support/served-fleet.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

/** It runs for so long and stands still for so long, in turn, in milliseconds: what a quota of the kernel does too. */
const SHARE = { run: 20, stop: 80 } as const;
const TALKERS = 5;
const MESSAGES = 40;
const NEWCOMERS = 20;

let fleet: ServedFleet;
let starving: NodeJS.Timeout | undefined;

beforeEach(async () => {
  process.env.NODE_OPTIONS = '--max-old-space-size=128';
  fleet = await ServedFleet.start({ workers: 1 });
  delete process.env.NODE_OPTIONS;
});
afterEach(async () => {
  clearTimeout(starving);
  await fleet.end();
});

function starve(stopped = false): void {
  fleet.signal(stopped ? 'SIGCONT' : 'SIGSTOP');
  starving = setTimeout(() => starve(!stopped), stopped ? SHARE.run : SHARE.stop);
}

/** What comes back of numbered messages, when all have. */
async function converse(client: WebSocket): Promise<string[]> {
  const back: string[] = [];
  const all = new Promise<void>((resolve) =>
    client.on('message', (data) => back.push(String(data)) === MESSAGES && resolve()),
  );
  for (let i = 0; i < MESSAGES; i++) client.send(`${i}`.repeat(100));
  await all;
  return back;
}

it.runIf(process.platform === 'linux')(
  'loses nothing, lets in who comes, and holds to its memory',
  async () => {
    const talkers = await fleet.connectAll(TALKERS);
    starve();
    const talking = talkers.map(converse);
    const newcomers = await Promise.all(Array.from({ length: NEWCOMERS }, () => fleet.connect()));
    const sent = Array.from({ length: MESSAGES }, (_, i) => `${i}`.repeat(100));
    for (const back of await Promise.all(talking)) expect(back).toEqual(sent);
    for (const back of await Promise.all(newcomers.map(converse))) expect(back).toEqual(sent);
    clearTimeout(starving);
    fleet.signal('SIGCONT');

    const [, kibibytes] = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${fleet.pid}/status`, 'utf8'))!;
    expect(Number(kibibytes)).toBeLessThan(256 * 1_024);
    expect((await fleet.admin('GET /sessions')).json.total).toBe(TALKERS + NEWCOMERS);
    expect(fleet.lines.filter(({ level }) => level === 'error')).toEqual([]);
    const closed = Promise.all(talkers.map((client) => once(client, 'close')));
    for (const client of talkers) client.close(1_000);
    for (const [code] of await closed) expect(code).toBe(1_000);
  },
);
