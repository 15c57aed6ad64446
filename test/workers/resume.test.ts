// RS-09 OP-01
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { LEASE } from '../../src/store/presence-news.ts';
import { ResumingClient } from '../support/resuming-client.ts';
import { ServedFleet } from '../support/served-fleet.ts';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 120_000 });

let fleet: ServedFleet;
let client: ResumingClient;

beforeEach(async () => {
  fleet = await ServedFleet.start({
    workers: 3,
    more: '    resume: {}\n    limits: { perSubject: { connections: 1 } }',
  });
  const url = `wss://localhost:${fleet.port}/chat`;
  client = new ResumingClient({ url, ca: fleet.authority });
  await client.until(({ connected }) => connected);
});

afterEach(async () => {
  client.leave();
  await fleet.end();
});

/** The number of the worker that holds the session of the last `welcome`. */
async function holder(): Promise<number> {
  const { session } = client.welcomes.at(-1)!;
  const opened = await fleet.line('upgrade.accepted', { session });
  return opened.worker as number;
}

it('a client finds its session whichever worker it comes back to', async () => {
  for (let i = 0; i < 12; i++) {
    client.send(`message ${i}`);
    if (i % 2 === 1) await client.until(({ received }) => received.length === i + 1);
    client.cut();
    await client.until(({ welcomes, connected }) => welcomes.length === i + 2 && connected);
  }
  await client.until(({ received }) => received.length === 12);
  expect(client.received).toEqual(Array.from({ length: 12 }, (_, i) => `message ${i}`));
  expect(client.welcomes.slice(1).every(({ resumed }) => resumed)).toBe(true);
  expect(new Set(client.welcomes.map(({ session }) => session)).size).toBe(1);
  const doors = fleet.lines.filter(({ event }) => event === 'upgrade.accepted').map(({ worker }) => worker);
  expect(new Set(doors).size).toBeGreaterThan(1);
});

it('a worker that is killed has taken its sessions along, and the client is told', async () => {
  client.send('before');
  await client.until(({ received }) => received.length === 1);
  const number = await holder();
  const killed = performance.now();
  process.kill(fleet.pids().get(number)!, 'SIGKILL');
  await client.until(({ welcomes, connected }) => welcomes.length === 2 && connected);
  // The one seat of its subject was that of the worker that has ended: it is free as soon as that is seen.
  expect(performance.now() - killed).toBeLessThan(LEASE / 2);
  expect(client.welcomes[1]).toMatchObject({ resumed: false, reason: 'lost', seen: 0, next: 1 });
  client.send('after');
  await client.until(({ received }) => received.length === 2);
  expect(client.received).toEqual(['before', 'after']);
});
