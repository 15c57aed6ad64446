import { redact } from './redact.ts';

/** How long one value may be in a log line, in characters after escaping. */
export const MAX_VALUE = 256;

/** How much of a value is looked at, in UTF-16 units: the rest is cut before any other work is done. */
const MAX_READ = 4 * MAX_VALUE;

/**
 * Whatever could end a line, move a terminal's cursor, hide, or reorder what stands around it: controls (C0, DEL, C1),
 * format characters (bidirectional and zero-width ones, tags), line and paragraph separators, lone surrogates,
 * private and unassigned code points. And the backslash, so that an escape can be told from text that looks like one.
 */
const UNSAFE = /[\\\p{C}\p{Zl}\p{Zp}]/u;

/** A value as it may stand in a log: no credential, one line, printable, bounded, with a mark where it was cut. */
export function clean(value: string): string {
  const read = value.length > MAX_READ ? value.slice(0, MAX_READ) : value;
  const text = redact(read);
  if (read === value && text.length <= MAX_VALUE && !UNSAFE.test(text)) return text;
  let escaped = '';
  let cut = read !== value;
  for (const character of text) {
    const safe = UNSAFE.test(character) ? escapeOf(character) : character;
    if (escaped.length + safe.length > MAX_VALUE) {
      cut = true;
      break;
    }
    escaped += safe;
  }
  return cut ? `${escaped}… (cut from ${value.length})` : escaped;
}

function escapeOf(character: string): string {
  return character === '\\' ? '\\\\' : `\\u{${character.codePointAt(0)!.toString(16)}}`;
}
