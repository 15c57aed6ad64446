import { performance } from 'node:perf_hooks'; // a constant: the global of that name is looked up each time

/** Time, injectable so that tests can move it. */
export interface Clock {
  /** Wall time in milliseconds since the epoch: for what others said (`exp`). */
  now(): number;
  /** Milliseconds that only ever grow: for deadlines and rates. */
  monotonic(): number;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
};
