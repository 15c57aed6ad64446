import { z } from 'zod';
import { guardKind, type OptionsOf } from '../pipeline/guard.ts';
import type { FrameLimits } from '../pipeline/route.ts';
import { duration, rate, size as sizeUnit } from '../pipeline/units.ts';

const messages = {
  maxBytes: sizeUnit
    .refine((bytes) => bytes >= 1, 'at least 1B')
    .prefault('64KiB')
    .describe('The largest message, inflated.'),
  maxFragments: z.int().min(1).max(65_536).default(128).describe('Fragments of one message.'),
  incompleteTimeout: duration
    .refine((ms) => ms >= 100, 'at least 100ms')
    .prefault('10s')
    .describe("From a message's first byte to its last."),
  controlFrames: rate.prefault('30/s').describe('Pings and pongs of one client.'),
} as const;

/** What a route that says nothing is held to. */
export const DEFAULTS = z.object(messages).parse({});

/**
 * The size of messages in bytes and fragments, the time one may take and the rate of control frames. These bound memory
 * while a message is still arriving, so the frame scanner enforces them and there is no guard to run, or to observe.
 */
export const size = guardKind({
  name: 'size',
  options: { messages },
  create: () => undefined,
});

/** What the frame scanner is told of a route's options. */
export function frameLimits(options: OptionsOf<typeof size.options>): FrameLimits {
  const { maxBytes, maxFragments, incompleteTimeout, controlFrames } = { ...DEFAULTS, ...options.messages };
  const maxControlRate = (controlFrames.count * 1_000) / controlFrames.period;
  return { maxBytes, maxFragments, incompleteTimeout, maxControlRate };
}
