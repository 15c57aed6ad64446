import { KeyStack } from './keys.ts';
import type { JsonFault, JsonLimits } from './limits.ts';
import { isExact } from './number.ts';

const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const DOT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const OPEN_ARRAY = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_ARRAY = 0x5d;
const LOWER_U = 0x75;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** A double holds every integer of as many digits. */
const SURELY_EXACT = 15;
/** Bytes of a string that are looked at one by one before a native search costs less. */
const NEAR = 48;

/**
 * Judges JSON on its bytes in one pass, before anything is built of it: depth, keys, items, repeated keys, keys that
 * reach prototypes, numbers that would be rounded, and half surrogate pairs. It allocates nothing for messages of common
 * shape and never recurses.
 *
 * It finds tokens, not faults of grammar: a text that it passes may still be malformed, and the parser says so. One that
 * it calls malformed is never one that `JSON.parse` reads.
 */
export class JsonScanner {
  readonly #limits: JsonLimits;
  readonly #keys: KeyStack;
  /** By depth, whether an array is open there. */
  readonly #arrays: Uint8Array;
  #bytes: Buffer = Buffer.alloc(0);
  #at = 0;
  #depth = 0;
  #items = 0;
  #expectsKey = false;
  /** Of the last string. */
  #escaped = false;
  #nul = false;
  /** Where the next of each stands, if it was looked for; beyond every text if there is none. */
  #quote = 0;
  #backslash = 0;

  constructor(limits: JsonLimits) {
    this.#limits = limits;
    this.#keys = new KeyStack(limits);
    this.#arrays = new Uint8Array(limits.maxDepth + 1);
  }

  /** `bytes` are valid UTF-8 and are not kept. */
  scan(bytes: Buffer): JsonFault | undefined {
    this.#bytes = bytes;
    this.#at = 0;
    this.#depth = 0;
    this.#items = 0;
    this.#quote = 0;
    this.#backslash = 0;
    this.#expectsKey = false;
    this.#keys.reset(bytes);
    let fault: JsonFault | undefined;
    while (this.#at < bytes.length && fault === undefined) fault = this.#token(bytes[this.#at]!);
    return fault ?? (this.#depth === 0 ? undefined : 'malformed');
  }

  /** Reads what begins with this byte. White space and literals pass: they cannot hide a token. */
  #token(byte: number): JsonFault | undefined {
    switch (byte) {
      case QUOTE:
        return this.#expectsKey ? this.#key() : this.#string();
      case COMMA:
        this.#at++;
        if (this.#arrays[this.#depth] !== 1) this.#expectsKey = true;
        else if (++this.#items > this.#limits.maxItems) return 'items';
        return undefined;
      case OPEN_OBJECT:
        return this.#open(false);
      case OPEN_ARRAY:
        return this.#open(true);
      case CLOSE_OBJECT:
        return this.#close(false);
      case CLOSE_ARRAY:
        return this.#close(true);
      default:
        if (byte === MINUS || (byte >= ZERO && byte <= NINE)) return this.#number();
        this.#at++;
        return undefined;
    }
  }

  #open(array: boolean): JsonFault | undefined {
    this.#at++;
    if (++this.#depth > this.#limits.maxDepth) return 'depth';
    this.#arrays[this.#depth] = array ? 1 : 0;
    this.#expectsKey = !array;
    this.#keys.open(this.#depth, array);
    if (array && !this.#isEmptyArray() && ++this.#items > this.#limits.maxItems) return 'items';
    return undefined;
  }

  #isEmptyArray(): boolean {
    while (this.#at < this.#bytes.length && this.#bytes[this.#at]! <= 0x20) this.#at++;
    return this.#bytes[this.#at] === CLOSE_ARRAY;
  }

  #close(array: boolean): JsonFault | undefined {
    this.#at++;
    if (this.#depth === 0 || (this.#arrays[this.#depth] === 1) !== array) return 'malformed';
    this.#keys.close(this.#depth);
    this.#depth--;
    this.#expectsKey = false;
    return undefined;
  }

  #key(): JsonFault | undefined {
    const start = this.#at + 1;
    const fault = this.#string();
    if (fault !== undefined) return fault;
    this.#expectsKey = false;
    // Readers that end strings at NUL take "action\u0000" for "action".
    if (this.#nul) return 'nul';
    return this.#keys.add(this.#depth, start, this.#at - 1, this.#escaped);
  }

  /** From the opening quote to behind the closing one. */
  #string(): JsonFault | undefined {
    const bytes = this.#bytes;
    this.#escaped = false;
    this.#nul = false;
    let at = this.#at + 1;
    while (at < bytes.length) {
      for (const near = at + NEAR; at < near && at < bytes.length; ) {
        const byte = bytes[at++]!;
        if (byte === QUOTE) {
          this.#at = at;
          return undefined;
        }
        if (byte !== BACKSLASH) continue;
        const width = this.#escape(at);
        if (width === 0) return 'surrogate';
        at += width;
      }
      at = this.#skipPlain(at);
    }
    return 'malformed';
  }

  /** To the next quote or backslash. Each is searched for once, so that all searches together are linear. */
  #skipPlain(at: number): number {
    const bytes = this.#bytes;
    if (this.#quote < at) this.#quote = bytes.indexOf(QUOTE, at) >>> 0;
    if (this.#backslash < at) this.#backslash = bytes.indexOf(BACKSLASH, at) >>> 0;
    return Math.min(this.#quote, this.#backslash);
  }

  /** How many bytes an escape takes behind its backslash; 0 where it is half a surrogate pair. */
  #escape(at: number): number {
    this.#escaped = true;
    return this.#bytes[at] === LOWER_U ? this.#unicodeEscape(at + 1) : 1;
  }

  /** The same, from behind its `u`. */
  #unicodeEscape(at: number): number {
    const unit = this.#hex(at);
    if (unit === 0) this.#nul = true;
    if (unit >= 0xdc00 && unit <= 0xdfff) return 0;
    if (unit < 0xd800 || unit > 0xdbff) return 5;
    if (this.#bytes[at + 4] !== BACKSLASH || this.#bytes[at + 5] !== LOWER_U) return 0;
    const low = this.#hex(at + 6);
    return low >= 0xdc00 && low <= 0xdfff ? 11 : 0;
  }

  /** Four hexadecimal digits; -1 for anything else, which the parser refuses. */
  #hex(at: number): number {
    let value = 0;
    for (let i = at; i < at + 4; i++) {
      const byte = this.#bytes[i] ?? 0;
      const lower = byte | 0x20;
      if (byte >= ZERO && byte <= NINE) value = value * 16 + byte - ZERO;
      else if (lower >= 0x61 && lower <= 0x66) value = value * 16 + lower - 0x57;
      else return -1;
    }
    return value;
  }

  #number(): JsonFault | undefined {
    const bytes = this.#bytes;
    const start = this.#at;
    let at = start + 1;
    let plain = true;
    for (; at < bytes.length; at++) {
      const byte = bytes[at]!;
      if (byte >= ZERO && byte <= NINE) continue;
      if (byte !== DOT && byte !== MINUS && byte !== 0x2b && (byte | 0x20) !== 0x65) break;
      plain &&= byte === DOT;
    }
    this.#at = at;
    if ((plain && at - start <= SURELY_EXACT) || this.#limits.allowInexact) return undefined;
    return at - start <= 1_000 && isExact(bytes.toString('latin1', start, at)) ? undefined : 'number';
  }
}
