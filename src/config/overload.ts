import { z } from 'zod';
import { duration, percent, size } from '../pipeline/units.ts';

const heap = z
  .strictObject({
    shrink: percent
      .prefault('90%')
      .describe('From here on caches are forgotten, and the sessions that were silent longest are ended.'),
    full: percent.prefault('95%').describe('From here on nobody new is admitted.'),
  })
  .refine(({ shrink, full }) => shrink <= full, { path: ['full'], message: 'must not be below shrink' });

/** `overload` of the configuration. */
export const overload = z.strictObject({
  heap: heap.prefault({}).describe('Parts of what the heap may grow to (`--max-old-space-size`).'),
  delay: duration
    .prefault('500ms')
    .refine((ms) => ms >= 20, 'at least 20ms')
    .describe('Of the event loop. Three seconds in a row with a longer one, and nobody new is admitted.'),
  unfinished: size
    .prefault('256MiB')
    .refine((bytes) => bytes >= 1_048_576, 'at least 1MiB')
    .describe(
      'What messages that have begun and are not whole may hold, on all connections together; over it, those that hold most are closed.',
    ),
});
