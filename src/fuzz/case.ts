import { z } from 'zod';

/** When the bytes of a case are sent: in place of the upgrade request, or on a socket that is open. */
export const STAGES = ['handshake', 'open', 'mid-fragment', 'closing'] as const;
export type Stage = (typeof STAGES)[number];

/** What a server that is right does: an HTTP error; a Close with one of these codes, or no more than the end; goes on; or anything. */
export const expectation = z.union([
  z.literal('refuses'),
  z.literal('goes on'),
  z.literal('anything'),
  z.strictObject({ closes: z.array(z.int()) }),
]);
export type Expectation = z.output<typeof expectation>;

const step = z.strictObject({
  /** What it is, in words. */
  what: z.string(),
  /** Base64. */
  bytes: z.base64(),
  /** What is expected hangs on it: the case is another one without. */
  essential: z.boolean().optional(),
});

/** One thing to send, whole: a file with it replays. */
export const CASE = z.strictObject({
  version: z.literal(1),
  stage: z.enum(STAGES),
  steps: z.array(step).min(1).max(1_000),
  /** Whether each byte is sent by itself, or each step in one write. */
  split: z.enum(['bytes', 'steps', 'none']),
  expected: expectation,
  /** Stands in what was sent, and must not stand in a refusal. */
  canary: z.string(),
  /** A text that an answer holds which refuses a message; then every answer to this case must. */
  refusal: z.string().optional(),
});

export type Case = Readonly<z.output<typeof CASE>>;
export type Step = Case['steps'][number];

export function stepOf(what: string, bytes: Buffer, essential = false): Step {
  return { what, bytes: bytes.toString('base64'), ...(essential && { essential }) };
}

/** What goes over the wire, write by write. */
export function writesOf({ steps, split }: Case): Buffer[] {
  const parts = steps.map(({ bytes }) => Buffer.from(bytes, 'base64'));
  if (split === 'steps') return parts;
  const whole = Buffer.concat(parts);
  return split === 'none' ? [whole] : Array.from(whole, (byte) => Buffer.from([byte]));
}
