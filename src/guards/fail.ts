import { z } from 'zod';

/** What a limit that nodes share does while their store is away: a leaf of `limits.fail` for each guard that counts so. */
export const fail = z
  .enum(['local', 'open', 'closed'])
  .optional()
  .describe(
    'What this limit does while the shared store cannot answer: each node keeps the whole of it for itself (local), nobody is limited (open), nothing passes (closed). As state.fail where left out.',
  );
