import { z } from 'zod';
import { duration } from '../pipeline/units.ts';

/** What is left after the last session was told to go, unless `deadline` says otherwise, in milliseconds. */
const AFTERWARDS = 10_000;

/** `drain` of the configuration. */
export const drain = z
  .strictObject({
    window: duration
      .prefault('30s')
      .describe(
        'Over how long the sessions are closed, spread evenly, those of each tenant too, so that their clients do not come back at once.',
      ),
    grace: duration
      .prefault('500ms')
      .refine((ms) => ms <= 60_000, 'at most 60s')
      .describe(
        'How long before its close a session takes no more messages, and still delivers what the backend answers.',
      ),
    deadline: duration
      .optional()
      .describe(
        'When sessions that are left are cut, from the start of the drain. Left out: 10s after the last was told to go.',
      ),
    returnAfter: duration
      .prefault('2s')
      .describe(
        'Clients are told to come back after this long, and up to twice as long: the time of a restart, where there is no other gateway.',
      ),
  })
  .refine(({ window, grace, deadline = Number.POSITIVE_INFINITY }) => window + grace <= deadline, {
    path: ['deadline'],
    message: 'must not come before window and grace are over',
  });

/** How one drain runs, in milliseconds. */
export interface DrainTimes {
  readonly window: number;
  readonly grace: number;
  readonly deadline: number;
  readonly returnAfter: number;
}

/** The times of a drain: as configured, or over another window, which moves the deadline with it. */
export function drainTimes(
  { window, grace, deadline, returnAfter }: z.output<typeof drain>,
  other?: number,
): DrainTimes {
  if (other === undefined) {
    return { window, grace, deadline: deadline ?? window + grace + AFTERWARDS, returnAfter };
  }
  return { window: other, grace, deadline: other + grace + AFTERWARDS, returnAfter };
}
