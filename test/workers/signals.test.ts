// AX-06: what is said to one worker holds for all of them.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { closeCode, ServedFleet } from '../support/served-fleet.ts';
import { eventToken, push, SHOWN, transmitter, transmitterConfig, user } from '../support/signals.ts';
import { keySetText } from '../support/tokens.ts';

vi.setConfig({ testTimeout: 90_000 });

let fleet: ServedFleet;
let folder: string;

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'sallyport-signals-'));
  const jwks = path.join(folder, 'transmitter.json');
  writeFileSync(jwks, keySetText(transmitter));
  const idp = transmitterConfig({ jwks, subjects: { identities: ['visitors'] } });
  const sections = { signals: { idp }, emergency: { subjects: ['nobody'] } };
  const lines = Object.entries(sections).map(([name, section]) => `${name}: ${JSON.stringify(section)}`);
  fleet = await ServedFleet.start({ workers: 2, sections: lines.join('\n') });
});

afterEach(async () => {
  await fleet.end();
  rmSync(folder, { recursive: true });
});

it('ends sessions in every worker by a security event', async () => {
  const clients = await fleet.connectAll(12);
  const { json } = await fleet.admin('GET /sessions');
  const { subject } = (json.sessions as { subject: string }[])[0]!;
  const closed = Promise.all(clients.map(closeCode));
  const at = { gateway: { port: fleet.port }, ca: { cert: fleet.authority } };
  const token = eventToken({ claims: { sub_id: user(subject) } });
  expect((await push(at, token, { Authorization: SHOWN })).status).toBe(202);
  expect(await closed).toEqual(Array(12).fill(4500));
  // Whichever worker hears it next, it has been taken.
  for (let turn = 0; turn < 4; turn++) expect((await push(at, token)).status).toBe(202);
  await fleet.line('signal.ignored', { reason: 'it has been taken before' });
  expect(fleet.lines.filter(({ event }) => event === 'signal.accepted')).toHaveLength(1);
});

it('has one emergency for all workers, and for those that come later', async () => {
  const begun = await fleet.admin('POST /emergency', { minutes: 5 });
  expect(begun.json).toEqual({ on: true, until: expect.any(String) });
  const stillOn = async () => {
    const { checks } = (await fleet.admin('GET /health/ready')).json as {
      checks: { name: string; reason?: string }[];
    };
    // Said once, without names: all workers say the same.
    expect(checks.find(({ name }) => name === 'emergency')).toMatchObject({
      healthy: false,
      reason: `it is on until ${begun.json.until}`,
    });
  };
  await vi.waitFor(stillOn, { timeout: 10_000 });
  const lines = fleet.lines.length;
  process.kill(fleet.pids().get(1)!, 'SIGKILL');
  await fleet.line('worker.started', { number: 1 }, lines);
  await vi.waitFor(stillOn, { timeout: 10_000 });
  expect((await fleet.admin('DELETE /emergency')).json).toEqual({ on: false });
});
