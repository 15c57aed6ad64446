import { z } from 'zod';
import { parseRedisPlace } from '../store/redis-place.ts';

const redis = z.string().transform((text, context) => {
  const place = parseRedisPlace(text);
  if (typeof place !== 'string') return place;
  context.addIssue({ code: 'custom', message: place });
  return z.NEVER;
});

/** Where to keep what outlives the process, and what all workers and nodes know alike. */
export const state = z.strictObject({
  directory: z
    .string()
    .min(1)
    .prefault('data')
    .describe(
      'The folder in which it is kept; made if there is none. For one gateway alone, with all its workers, on a disk of this machine. Nothing is kept there where `redis` is given. Not to be changed while it runs.',
    ),
  redis: redis
    .optional()
    .describe(
      'A Redis or Valkey server (6.2 or later) for many machines, in place of the folder: redis://user:password@host:port/database, rediss:// for TLS, redis+cluster://a,b,c, redis+sentinel://a,b,c?name=main. Not to be changed while it runs.',
    ),
  fail: z
    .enum(['local', 'open', 'closed'])
    .prefault('local')
    .describe(
      'What limits that nodes share do while this cannot answer, if they do not say so themselves: each node keeps the whole of them for itself (local), nobody is limited (open), nothing passes (closed). A gateway that cannot read at its start what is revoked does not start, except with `open`.',
    ),
});
