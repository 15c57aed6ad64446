import { endianness } from 'node:os';

/** Below this many bytes a loop is quicker than a call into native code; measured on Node 20 and 24. */
const SHORT = 192;

const LITTLE_ENDIAN = endianness() === 'LE';

/** A buffer that many messages share one after the other, seen as bytes and as 32-bit words. It only grows. */
export class Scratch {
  bytes: Buffer = Buffer.alloc(0);
  words: Int32Array = new Int32Array(0);

  /** Makes room for `size` bytes, in powers of two from 1 KiB on. What was written before is kept. */
  reserve(size: number): void {
    if (size <= this.bytes.length) return;
    let room = Math.max(1024, this.bytes.length);
    while (room < size) room *= 2;
    const memory = new ArrayBuffer(room);
    const bytes = Buffer.from(memory);
    this.bytes.copy(bytes);
    this.bytes = bytes;
    this.words = new Int32Array(memory);
  }
}

/** What was seen of a payload's bytes while the mask was taken off; of several pieces the lowest counts. */
export const CHARACTERS = {
  /** Anything. */
  any: 0,
  /** All below 0x80: such text is valid UTF-8, and has a character a byte. */
  ascii: 1,
  /** ASCII without control characters and backslashes: a JSON string in it is what stands between its quotes. */
  plain: 2,
} as const;

const HIGH_BITS = 0x80808080 | 0;

/**
 * Copies `source[from..to)` into `scratch` from byte `at` on and takes the mask off (RFC 6455 section 5.3).
 * `source[from]` must be the first byte of a payload; with key 0 it copies. The caller has reserved the room.
 *
 * Returns which of `CHARACTERS` it saw; `any` where that would not have been cheap to see.
 */
export function unmaskInto(
  scratch: Scratch,
  at: number,
  source: Buffer,
  from: number,
  to: number,
  key: number,
): number {
  const { bytes, words } = scratch;
  const length = to - from;
  if (at & 3 || !LITTLE_ENDIAN) {
    source.copy(bytes, at, from, to);
    if (key !== 0) maskInPlace(bytes, at, at + length, key);
    return CHARACTERS.any;
  }
  const first = at >> 2;
  const count = length >> 2;
  let seen: number;
  if (length < SHORT) {
    seen = unmaskWords(words, first, count, source, from, key);
  } else {
    source.copy(bytes, at, from, to);
    seen = unmaskCopied(words, first, count, key);
  }
  for (let i = length & ~3, turned = key; i < length; i++, turned >>>= 8) {
    const clear = source[from + i]! ^ (turned & 0xff);
    bytes[at + i] = clear;
    seen = Math.min(seen, charactersOf(clear, specialIn(clear | 0x20202000)));
  }
  return seen;
}

/** Writes `count` words, put together from the bytes of `source`, which may lie at any place. */
function unmaskWords(
  words: Int32Array,
  first: number,
  count: number,
  source: Buffer,
  from: number,
  key: number,
): number {
  let high = 0;
  let special = 0;
  for (let word = first, i = from; word < first + count; word++, i += 4) {
    const clear =
      key ^ (source[i]! | (source[i + 1]! << 8) | (source[i + 2]! << 16) | (source[i + 3]! << 24));
    words[word] = clear;
    high |= clear;
    special |= specialIn(clear);
  }
  return charactersOf(high, special);
}

/** The same for words that are in their place already. One loop for both would take twice as long. */
function unmaskCopied(words: Int32Array, first: number, count: number, key: number): number {
  let high = 0;
  let special = 0;
  for (let word = first; word < first + count; word++) {
    const clear = words[word]! ^ key;
    words[word] = clear;
    high |= clear;
    special |= specialIn(clear);
  }
  return charactersOf(high, special);
}

function charactersOf(high: number, special: number): number {
  if (high & HIGH_BITS) return CHARACTERS.any;
  return special & HIGH_BITS ? CHARACTERS.ascii : CHARACTERS.plain;
}

/**
 * Four bytes of ASCII at a time: some high bit is set if one of them is below a blank or is a backslash. Subtracting 1
 * from each byte sets the high bit of one that was 0, and nothing else does that first.
 */
function specialIn(word: number): number {
  return (word - 0x20202020) | ((word ^ 0x5c5c5c5c) - 0x01010101);
}

/** Puts a mask on `bytes[from..to)`, or takes it off: the same thing. `bytes[from]` is the payload's first byte. */
export function maskInPlace(bytes: Buffer, from: number, to: number, key: number): void {
  let i = from;
  let turned = key;
  // Up to the first whole word of memory; the key turns along.
  while (i < to && (bytes.byteOffset + i) & 3) {
    bytes[i]! ^= turned & 0xff;
    turned = (turned >>> 8) | (turned << 24);
    i++;
  }
  if (LITTLE_ENDIAN && to - i >= 4) {
    const words = new Int32Array(bytes.buffer, bytes.byteOffset + i, (to - i) >> 2);
    for (let w = 0; w < words.length; w++) words[w]! ^= turned;
    i += words.length * 4;
  }
  for (; i < to; i++) {
    bytes[i]! ^= turned & 0xff;
    turned = (turned >>> 8) | (turned << 24);
  }
}
