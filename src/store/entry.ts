import { createHash } from 'node:crypto';
import type { Limit } from './buckets.ts';
import { type Json, StoreError } from './store.ts';

/** An entry that no store takes. The fault of who asked: the store itself is well. */
export class EntryError extends StoreError {}

/** The longest key, in bytes of UTF-8: as much as LMDB takes, with room. Whoever counts by a client's words hashes them. */
const MAX_KEY = 1_024;
/** The largest value as JSON, in UTF-16 units. */
const MAX_VALUE = 65_536;

/** What a key must be in every form of the store. @throws EntryError */
export function checkKey(key: string): void {
  // A lone surrogate has no UTF-8: two keys would become one.
  if (key === '' || Buffer.byteLength(key) > MAX_KEY || /\p{Surrogate}/u.test(key)) {
    throw new EntryError('a key is 1 to 1024 bytes of UTF-8');
  }
}

/** A value as JSON. @throws EntryError if it is too large to be a small fact. */
export function textOf(value: Json): string {
  const text = JSON.stringify(value);
  if (text.length > MAX_VALUE) throw new EntryError(`a value is at most ${MAX_VALUE} characters of JSON`);
  return text;
}

/** What is counted under a key; 0 if there is nothing yet. @throws EntryError */
export function numberOf(value: Json | undefined): number {
  if (value === undefined) return 0;
  if (typeof value !== 'number') throw new EntryError('there is something else than a number under this key');
  return value;
}

/**
 * How many of these units an allowance has, which is paid back at `free`, and when it is paid back then; milliseconds of
 * one clock. A `free` that the limit cannot have led to comes from a clock that was put back, and becomes "just used up":
 * what comes back is kept also where nothing was taken, or it would be so for as long as the clock was put back.
 */
export function drawn(
  free: number,
  units: number,
  { interval, tolerance }: Limit,
  now: number,
): { units: number; free: number } {
  const from = Math.min(Math.max(free, now), now + tolerance);
  // Half a millionth of a unit forgives the rounding of many small sums.
  const room = Math.floor((now + tolerance - from) / interval + 5e-7);
  const told = Math.max(0, Math.min(units, room));
  return { units: told, free: from + told * interval };
}

/** The longest part that stands in a key as it is, encoded, in bytes. */
const MAX_PART = 200;

/**
 * Parts of a key that others chose (subjects, tenants), so that no two lists of them make the same key, none makes one that
 * is too long, and the short ones can be read back. A long one becomes its SHA-256, which nothing else begins like.
 */
export function keyOf(parts: readonly string[]): string {
  return parts.map(partOf).join('/');
}

function partOf(part: string): string {
  const plain = part.length <= MAX_PART && !/\p{Surrogate}/u.test(part) && !part.startsWith(DIGEST);
  const encoded = plain ? encodeURIComponent(part) : '';
  if (plain && encoded.length <= MAX_PART) return encoded;
  return DIGEST + createHash('sha256').update(part, 'utf16le').digest('base64url');
}

const DIGEST = 'sha256:';
