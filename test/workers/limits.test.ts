// RL-03 OP-01
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { ServedFleet } from '../support/served-fleet.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const LIMIT = 6;

let fleet: ServedFleet;

beforeEach(async () => {
  fleet = await ServedFleet.start({
    workers: 2,
    more: `    limits: { perSubject: { connections: ${LIMIT} } }\n`,
  });
});

afterEach(() => fleet.end());

/** Opens connections, one after another, until one is refused; says how many there are then. */
async function fill(): Promise<number> {
  try {
    for (;;) await fleet.connect();
  } catch (error) {
    expect((error as Error).message).toMatch(/429|503/);
  }
  return (await fleet.admin('GET /sessions')).json.total as number;
}

it('a limit on connections counts those of all workers, and forgets those of one that is killed', async () => {
  const full = await fill();
  expect(full).toBeGreaterThanOrEqual(LIMIT);
  expect(full).toBeLessThanOrEqual(LIMIT + 1); // two workers may both have seen the last seat

  process.kill(fleet.pids().get(1)!, 'SIGKILL');
  await fleet.line('worker.lost');
  const left = (await fleet.admin('GET /sessions')).json.total as number;
  expect(left).toBeLessThan(full);

  // Its seats are free as soon as the other has heard of it; there is no event to wait for.
  let again = await fill();
  while (again < LIMIT) {
    await pause(250);
    again = await fill();
  }
  expect(again).toBeLessThanOrEqual(LIMIT + 1);
});
