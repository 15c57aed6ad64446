// OP-03
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, expect, it, vi } from 'vitest';
import { EXIT } from '../../src/cli/exit.ts';
import { closeCode, type FleetSetup, ServedFleet } from '../support/served-fleet.ts';

vi.setConfig({ testTimeout: 90_000 });

let fleet: ServedFleet;

async function start(setup: Partial<FleetSetup> = {}): Promise<ServedFleet> {
  fleet = await ServedFleet.start({ workers: 2, ...setup });
  return fleet;
}

afterEach(() => fleet.end());

/** Resolves when there is no process of this id any more. */
async function gone(pid: number): Promise<void> {
  for (;;) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    await pause(20);
  }
}

it.each(['a signal', 'the admin API'])(
  'drains all workers at the word of %s, over one window',
  async (by) => {
    await start({ window: '400ms' });
    const clients = await fleet.connectAll(8);
    const closed = Promise.all(clients.map(closeCode));
    if (by === 'a signal') fleet.signal('SIGTERM');
    else expect((await fleet.admin('POST /drain')).json).toEqual({ sessions: 8 });
    expect(await closed).toEqual(Array(8).fill(1012));
    expect(await fleet.exit).toBe(EXIT.done.code);
    expect(fleet.errors).toEqual([]);
    const finished = fleet.lines.filter(({ event }) => event === 'drain.finished');
    expect(finished.map(({ worker }) => worker).sort()).toEqual([1, 2]);
    expect(finished.reduce((sum, { closed }) => sum + Number(closed), 0)).toBe(8);
  },
);

it('does not wait for the window after a second signal', async () => {
  await start({ window: '1h' });
  const clients = await fleet.connectAll(4);
  const closed = Promise.all(clients.map(closeCode));
  fleet.signal('SIGTERM');
  await fleet.line('drain.started', { worker: 1 });
  await fleet.line('drain.started', { worker: 2 });
  fleet.signal('SIGTERM');
  expect(await fleet.exit).toBe(EXIT.cut.code);
  await closed;
});

it('ends its workers when it is killed, and they tell their clients', async () => {
  await start({ window: '1h' });
  const clients = await fleet.connectAll(6);
  const closed = Promise.all(clients.map(closeCode));
  fleet.signal('SIGKILL');
  expect(await closed).toEqual(Array(6).fill(1012));
  await Promise.all([...fleet.pids().values()].map(gone));
});

it('leaves to the supervisor what a terminal tells all processes', async () => {
  await start();
  const clients = await fleet.connectAll(4);
  const closed = Promise.all(clients.map(closeCode));
  for (const pid of fleet.pids().values()) process.kill(pid, 'SIGINT');
  fleet.signal('SIGINT');
  expect(await closed).toEqual(Array(4).fill(1012));
  expect(await fleet.exit).toBe(EXIT.done.code);
  expect(fleet.lines.some(({ event }) => event === 'worker.lost')).toBe(false);
});
