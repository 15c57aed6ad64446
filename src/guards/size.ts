import { z } from 'zod';
import { guardKind, type OptionsOf } from '../pipeline/guard.ts';
import type { FrameLimits } from '../pipeline/route.ts';
import { duration, rate, size as sizeUnit } from '../pipeline/units.ts';

/** What a route that says nothing is held to. */
export const FRAME_DEFAULTS: FrameLimits = {
  maxBytes: 65_536,
  maxFragments: 128,
  incompleteTimeout: 10_000, // 10 s
  maxControlRate: 30, // a second
};

const fragment = {
  messages: {
    maxBytes: sizeUnit
      .refine((bytes) => bytes >= 1, 'at least 1B')
      .optional()
      .describe('The largest message, inflated. Default 64KiB.'),
    maxFragments: z.int().min(1).max(65_536).optional().describe('Fragments of one message. Default 128.'),
    incompleteTimeout: duration
      .refine((ms) => ms >= 100, 'at least 100ms')
      .optional()
      .describe("From a message's first byte to its last. Default 10s."),
    controlFrames: rate.optional().describe('Pings and pongs of one client. Default 30/s.'),
  },
} as const;

/**
 * The size of messages in bytes and fragments, the time one may take and the rate of control frames. These bound memory
 * while a message is still arriving, so the frame scanner enforces them and there is no guard to run, or to observe.
 */
export const size = guardKind({
  name: 'size',
  options: fragment,
  create: () => undefined,
});

/** What the frame scanner is told of a route's options. */
export function frameLimits({ messages }: OptionsOf<typeof fragment>): FrameLimits {
  const control = messages?.controlFrames;
  return {
    maxBytes: messages?.maxBytes ?? FRAME_DEFAULTS.maxBytes,
    maxFragments: messages?.maxFragments ?? FRAME_DEFAULTS.maxFragments,
    incompleteTimeout: messages?.incompleteTimeout ?? FRAME_DEFAULTS.incompleteTimeout,
    maxControlRate: control ? (control.count * 1_000) / control.period : FRAME_DEFAULTS.maxControlRate,
  };
}
