import type { Payload } from '../pipeline/message.ts';
import { type Refused, refuse } from '../pipeline/verdict.ts';

const BINARY: Refused = Object.freeze(refuse('message_kind', 'a text message is expected'));
const NOT_JSON: Refused = Object.freeze(refuse('message_malformed', 'not one JSON text'));
const AMBIGUOUS: Refused = Object.freeze(
  refuse('json_unsafe', 'an escape that parsers read in different ways'),
);

/**
 * Parses a payload as exactly one JSON text (RFC 8259); the one place where payloads are parsed.
 * A byte order mark, trailing bytes and an empty message are no JSON. Lone surrogates (RFC 8259 §8.2) and NUL in
 * a key are JSON that parsers disagree on, so what is judged here might not be what the upstream reads.
 *
 * Depth, key count and duplicate keys are judged before, on the bytes, by the guard `json`.
 * The parser's own error quotes the payload and is therefore never used.
 */
export function parseText(payload: Payload): unknown {
  if (payload.binary) return BINARY;
  const text = payload.text();
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return NOT_JSON;
  }
  return text.includes('\\u') && hasAmbiguousEscape(text) ? AMBIGUOUS : value;
}

/** Whether `parseText` refused. Its refusals are three objects of its own, which no payload can yield. */
export function isUnreadable(value: unknown): value is Refused {
  return value === NOT_JSON || value === BINARY || value === AMBIGUOUS;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const LETTER_U = 0x75;

/** `text` is known to be JSON. Linear: each character is looked at once. */
function hasAmbiguousEscape(text: string): boolean {
  let inString = false;
  let nul = false;
  for (let i = 0; i < text.length; i++) {
    const char = text.charCodeAt(i);
    if (char === QUOTE) {
      if (inString && nul && isKeyEnd(text, i + 1)) return true;
      inString = !inString;
      nul = false;
    } else if (char === BACKSLASH) {
      const unit = unitAt(text, i);
      if (unit === 0) nul = true;
      if (unit >= 0xd800 && unit <= 0xdfff) {
        const low = unit < 0xdc00 ? unitAt(text, i + 6) : -1;
        if (low < 0xdc00 || low > 0xdfff) return true;
        i += 6;
      }
      i += unit >= 0 ? 5 : 1;
    }
  }
  return false;
}

/** The UTF-16 code unit that `\uXXXX` at this place stands for; -1 if no such escape stands there. */
function unitAt(text: string, at: number): number {
  if (text.charCodeAt(at) !== BACKSLASH || text.charCodeAt(at + 1) !== LETTER_U) return -1;
  return Number.parseInt(text.slice(at + 2, at + 6), 16);
}

/** Whether the string that ended just before is a key. Blanks between are JSON's four. */
function isKeyEnd(text: string, from: number): boolean {
  let at = from;
  while (text.charCodeAt(at) <= 0x20) at++;
  return text[at] === ':';
}
