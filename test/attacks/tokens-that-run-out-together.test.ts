// AX-04: fifty thousand tokens that run out in the same second are ended in many turns, between which others are served.
import { afterEach, expect, it, vi } from 'vitest';
import { silentRecorder } from '../../src/record/recorder.ts';
import { Registry } from '../../src/session/registry.ts';
import type { Session } from '../../src/session/session.ts';
import { Sweep } from '../../src/session/sweep.ts';
import { createServices } from '../../src/store/services.ts';
import { ManualClock } from '../support/guard.ts';

const SESSIONS = 50_000;
/** What ending one of them is taken to cost, in milliseconds: more than it does. */
const COST = 0.1;

afterEach(() => vi.restoreAllMocks());

it('no turn of the loop takes longer than a slice', async () => {
  let ended = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => ended * COST);
  const clock = new ManualClock();
  const registry = new Registry();
  vi.spyOn(registry, Symbol.iterator).mockImplementation(() => sessions(() => ended++));
  const sweep = new Sweep(registry, createServices(silentRecorder, clock));
  clock.pass(500);
  sweep.tick();
  const perTurn: number[] = [ended];
  while (ended < SESSIONS) {
    const before = ended;
    await new Promise((resolve) => setImmediate(resolve));
    perTurn.push(ended - before);
  }
  expect(Math.max(...perTurn) * COST).toBeLessThan(10);
  expect(perTurn.length).toBeGreaterThan(500);
});

/** Sessions as the sweep sees those whose credential has run out. */
function* sessions(end: () => void): IterableIterator<Session> {
  for (let i = 0; i < SESSIONS; i++) {
    const session = {
      ending: false,
      recheckAt: Infinity,
      expire() {
        session.ending = true;
        end();
        return true;
      },
    };
    yield session as unknown as Session;
  }
}
