/**
 * What checking one message may cost, in units of about a microsecond at worst. Linear patterns and bounded messages still allow
 * a schema to be dear on a message made for it (a tree through `anyOf`, a thousand branches for each item), so the
 * dear parts pay here as they run.
 *
 * One budget serves all: checking is synchronous, so two messages never spend at once.
 */
export const BUDGET = 50_000;

let left = 0;

/** Thrown inside a validator when the message has cost too much. */
export class TooCostly extends Error {
  override readonly name = 'TooCostly';
}

const tooCostly = new TooCostly('too costly to check');

export function refill(): void {
  left = BUDGET;
}

export function spend(units: number): void {
  left -= units;
  if (left < 0) throw tooCostly;
}
