// AX-08: what is revoked is known to all workers, to those that come later, and to the next gateway.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { closeCode, ServedFleet } from '../support/served-fleet.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let folder: string;
const fleets: ServedFleet[] = [];

const start = async (): Promise<ServedFleet> => {
  const fleet = await ServedFleet.start({ workers: 2, sections: `state: { directory: "${folder}" }` });
  fleets.push(fleet);
  return fleet;
};

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'sallyport-state-'));
});
afterEach(async () => {
  for (const fleet of fleets.splice(0)) await fleet.end();
  rmSync(folder, { recursive: true });
});

async function expectAllRefused(fleet: ServedFleet): Promise<void> {
  // The workers take connections in turn.
  for (let i = 0; i < 4; i++) await expect(fleet.connect()).rejects.toThrow(/403/);
}

it('a folder is shared by the workers of one gateway, and by no other gateway', async () => {
  const fleet = await start();
  const clients = await fleet.connectAll(6);
  const closed = Promise.all(clients.map(closeCode));
  const { status, json } = await fleet.admin('POST /revocations', { by: 'address', value: '127.0.0.0/8' });
  expect([status, json.kept]).toEqual([200, true]);
  expect(await closed).toEqual(Array(6).fill(4500));
  await expectAllRefused(fleet);

  await expect(start()).rejects.toThrow(/the gateway with process id \d+ uses this folder/);

  const [number, pid] = [...fleet.pids()][0]!;
  const before = fleet.lines.length;
  process.kill(pid, 'SIGKILL');
  await fleet.line('worker.started', { number }, before);
  await expectAllRefused(fleet);

  await fleet.end();
  fleets.pop();
  await expectAllRefused(await start());
});
