import { z } from 'zod';

/** `forward`, which every dialect has that takes new tokens in a message. */
export const forward = z
  .boolean()
  .default(false)
  .describe(
    'Whether the message goes on to the backend once its token is taken; the backend then answers it.',
  );

/** A token as a message has it; how long it may be, and what it is, its identity says. */
export function tokenIn(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
