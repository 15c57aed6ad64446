import type { Payload } from '../pipeline/message.ts';
import { type Refused, refuse } from '../pipeline/verdict.ts';

const BINARY: Refused = Object.freeze(refuse('message_kind', 'a text message is expected'));
const NOT_JSON: Refused = Object.freeze(refuse('message_malformed', 'not one JSON text'));

/**
 * Parses a payload as exactly one JSON text (RFC 8259); the one place where payloads are parsed.
 * A byte order mark, trailing bytes and an empty message are no JSON.
 *
 * What is JSON and yet not safe to parse or to pass on (depth, many keys, repeated keys, half surrogate pairs, numbers that
 * round) is judged before, on the bytes, by the guard `json`. The parser's own error quotes the payload and is never used.
 */
export function parseText(payload: Payload): unknown {
  if (payload.binary) return BINARY;
  if (payload.parsed !== undefined) return payload.parsed;
  try {
    return JSON.parse(payload.text());
  } catch {
    return NOT_JSON;
  }
}

/** Whether `parseText` refused. Its refusals are two objects of its own, which no payload can yield. */
export function isUnreadable(value: unknown): value is Refused {
  return value === NOT_JSON || value === BINARY;
}
