import { type KnownKey, KnownKeys } from './known-keys.ts';
import type { JsonLimits } from './limits.ts';

const BLANK = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const DOT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const COLON = 0x3a;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const LOWER_E = 0x65;
const LOWER_F = 0x66;
const LOWER_N = 0x6e;
const LOWER_T = 0x74;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** It calls itself for each level; deeper texts are not common. */
const MAX_DEPTH = 32;
/** Keys of one object, each of which is compared with those before it. */
const MAX_OBJECT_KEYS = 32;
/** A double holds every integer of as many digits. */
const SURELY_EXACT = 15;
/** A shorter part of a text is copied, a longer one is a view that keeps all of the text alive; in characters. */
const COPIED = 13;
/** Of a text as short as this, views may be kept. To copy a part takes a call into native code. */
const VIEWED = 512;
/** Bytes of a string that are looked at one by one before a native search costs less. */
const NEAR = 48;

/**
 * Builds the value of a JSON text of the common kind while it judges it, in one pass: half the time of a scan and
 * `JSON.parse` after it. It only ever says yes. Of whatever is not common, wrong or over a limit it says `undefined`,
 * and the scanner and the parser judge.
 *
 * It reads plain text alone: ASCII without control characters and backslashes.
 */
export class JsonReader {
  readonly #limits: JsonLimits;
  readonly #maxDepth: number;
  readonly #known = new KnownKeys();
  /** The keys of the objects that are open, innermost last. */
  readonly #keys: KnownKey[] = [];
  #top = 0;
  #bytes: Buffer = Buffer.alloc(0);
  #text = '';
  #at = 0;
  #depth = 0;
  /** Left of the limits. */
  #keysLeft = 0;
  #itemsLeft = 0;

  constructor(limits: JsonLimits) {
    this.#limits = limits;
    this.#maxDepth = Math.min(limits.maxDepth, MAX_DEPTH);
  }

  /** @param text the same as `bytes`, which are plain */
  read(bytes: Buffer, text: string): unknown {
    this.#bytes = bytes;
    this.#text = text;
    this.#at = 0;
    this.#depth = 0;
    this.#keysLeft = this.#limits.maxKeys;
    this.#itemsLeft = this.#limits.maxItems;
    this.#top = 0;
    this.#known.begin();
    const value = this.#value();
    const ended = this.#next() === undefined;
    this.#text = '';
    return ended ? value : undefined;
  }

  /** The next byte that is no blank; undefined at the end. */
  #next(): number | undefined {
    let byte = this.#bytes[this.#at];
    while (byte === BLANK) byte = this.#bytes[++this.#at];
    return byte;
  }

  #value(): unknown {
    switch (this.#next()) {
      case QUOTE:
        return this.#string();
      case OPEN_OBJECT:
        return this.#object();
      case OPEN_ARRAY:
        return this.#array();
      case LOWER_T:
        return this.#literal('true', true);
      case LOWER_F:
        return this.#literal('false', false);
      case LOWER_N:
        return this.#literal('null', null);
      default:
        return this.#number();
    }
  }

  #literal(word: string, value: boolean | null): boolean | null | undefined {
    if (!this.#text.startsWith(word, this.#at)) return undefined;
    this.#at += word.length;
    return value;
  }

  #string(): string | undefined {
    const start = this.#at + 1;
    const end = this.#closingQuote(start);
    if (end < 0) return undefined;
    this.#at = end + 1;
    return end - start < COPIED || this.#text.length <= VIEWED
      ? this.#text.substring(start, end)
      : this.#bytes.toString('latin1', start, end);
  }

  #closingQuote(from: number): number {
    const bytes = this.#bytes;
    const near = from + NEAR;
    for (let at = from; at < near; at++) if (bytes[at] === QUOTE) return at;
    return bytes.indexOf(QUOTE, near);
  }

  /** Up to 15 digits, of which some may stand behind a point. */
  #number(): number | undefined {
    const bytes = this.#bytes;
    const start = this.#at;
    const first = bytes[start] === MINUS ? start + 1 : start;
    let at = first;
    let value = 0;
    for (; bytes[at]! >= ZERO && bytes[at]! <= NINE; at++) value = value * 10 + bytes[at]! - ZERO;
    if (at === first || (at - first > 1 && bytes[first] === ZERO)) return undefined;
    const whole = bytes[at] !== DOT;
    if (!whole) {
      const point = at++;
      while (bytes[at]! >= ZERO && bytes[at]! <= NINE) at++;
      if (at === point + 1) return undefined;
    }
    if (at - first > SURELY_EXACT || (bytes[at]! | 0x20) === LOWER_E) return undefined;
    this.#at = at;
    if (!whole) return Number(this.#text.substring(start, at));
    return first === start ? value : -value;
  }

  #object(): object | undefined {
    if (++this.#depth > this.#maxDepth) return undefined;
    const first = this.#top;
    const object: Record<string, unknown> = {};
    this.#at++;
    if (this.#next() !== CLOSE_OBJECT) {
      for (let separator: number | undefined = COMMA; separator !== CLOSE_OBJECT; this.#at++) {
        if (separator !== COMMA) return undefined;
        const key = this.#key(first);
        if (key === undefined || this.#next() !== COLON) return undefined;
        this.#at++;
        const value = this.#value();
        if (value === undefined) return undefined;
        object[key.text] = value;
        separator = this.#next();
      }
    } else {
      this.#at++;
    }
    this.#top = first;
    this.#depth--;
    return object;
  }

  /** A key that the object at hand, whose first one is `#keys[first]`, does not have yet. */
  #key(first: number): KnownKey | undefined {
    if (this.#next() !== QUOTE || --this.#keysLeft < 0) return undefined;
    const start = this.#at + 1;
    const key =
      this.#known.guess(this.#bytes, start) ??
      this.#known.find(this.#bytes, start, this.#closingQuote(start));
    if (key === undefined || this.#top - first === MAX_OBJECT_KEYS) return undefined;
    for (let i = first; i < this.#top; i++) if (this.#keys[i] === key) return undefined;
    this.#keys[this.#top++] = key;
    this.#at = start + key.text.length + 1;
    return key;
  }

  #array(): unknown[] | undefined {
    if (++this.#depth > this.#maxDepth) return undefined;
    const items: unknown[] = [];
    this.#at++;
    if (this.#next() !== CLOSE_ARRAY) {
      for (let separator: number | undefined = COMMA; separator !== CLOSE_ARRAY; this.#at++) {
        if (separator !== COMMA || --this.#itemsLeft < 0) return undefined;
        const value = this.#value();
        if (value === undefined) return undefined;
        items.push(value);
        separator = this.#next();
      }
    } else {
      this.#at++;
    }
    this.#depth--;
    return items;
  }
}
