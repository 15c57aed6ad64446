/** What a close reason of the gateway says. */
export interface CloseAdvice {
  /** The name of the refusal, as the table has it. */
  readonly name: string;
  /** How long the client should stay away, in milliseconds. */
  readonly after?: number;
}

/** The longest wait that is advised, in milliseconds: 27 hours. With it the longest name stays far below 123 bytes. */
const LONGEST = 99_999_999;

const REASON = /^([a-z][a-z_]{0,63})(?:; after=(\d{1,8}))?$/;

/** A close reason: `draining`, or `draining; after=2500` where the client is told when to come back. */
export function closeReason(name: string, after?: number): string {
  if (after === undefined) return name;
  return `${name}; after=${Math.round(Math.min(LONGEST, Math.max(0, after)))}`;
}

/** Reads a close reason that the gateway may have written; undefined for any other. */
export function readCloseReason(reason: string): CloseAdvice | undefined {
  const [, name, after] = REASON.exec(reason) ?? [];
  if (name === undefined) return undefined;
  return after === undefined ? { name } : { name, after: Number(after) };
}
