import { type Refused, refuse } from '../pipeline/verdict.ts';

/** Longer ids and types than any client library makes are refused: they are kept, echoed and looked up. Characters. */
export const MAX_ID = 256;
export const MAX_TYPE = 256;

/** Whether a value can be echoed as an id without loss: a short string, or an integer that a double holds exactly. */
export function isId(value: unknown): value is string | number {
  return typeof value === 'string' ? value.length <= MAX_ID : Number.isSafeInteger(value);
}

export function isType(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= MAX_TYPE;
}

/** A plain JSON object: neither null nor an array. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A payload that is JSON but not of the dialect's form. */
export function malformed(reason: string): Refused {
  return refuse('message_malformed', reason);
}
