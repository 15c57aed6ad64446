import type { JsonFault, JsonLimits } from './limits.ts';

/** Keys of one object that are compared as bytes; with more, or one with an escape, they go to a set. */
const FEW = 16;

const PROTO = Buffer.from('__proto__');
const CONSTRUCTOR = Buffer.from('constructor');
const PROTOTYPE = Buffer.from('prototype');

/**
 * The keys of the objects that are open, innermost last. Few plain keys stand as places in the text; an object with many
 * has them in a `Set`, whose hash is seeded, so no choice of keys makes it slow.
 */
export class KeyStack {
  readonly #limits: JsonLimits;
  readonly #starts: Int32Array;
  readonly #ends: Int32Array;
  /** By depth: where the object's keys begin on the stack. */
  readonly #first: Int32Array;
  /** By depth: whether the object is the value of a key `constructor`. */
  readonly #ofConstructor: Uint8Array;
  readonly #sets: (Set<string> | undefined)[];
  #bytes: Buffer = Buffer.alloc(0);
  #top = 0;
  #count = 0;
  #lastIsConstructor = false;

  constructor(limits: JsonLimits) {
    this.#limits = limits;
    this.#starts = new Int32Array((limits.maxDepth + 1) * FEW);
    this.#ends = new Int32Array((limits.maxDepth + 1) * FEW);
    this.#first = new Int32Array(limits.maxDepth + 1);
    this.#ofConstructor = new Uint8Array(limits.maxDepth + 1);
    this.#sets = new Array(limits.maxDepth + 1).fill(undefined);
  }

  reset(bytes: Buffer): void {
    this.#bytes = bytes;
    this.#top = 0;
    this.#count = 0;
    this.#lastIsConstructor = false;
  }

  /** An array has no keys of its own, and ends what a key `constructor` before it began. */
  open(depth: number, array: boolean): void {
    this.#first[depth] = this.#top;
    this.#ofConstructor[depth] = this.#lastIsConstructor && !array ? 1 : 0;
    this.#lastIsConstructor = false;
    this.#sets[depth] = undefined;
  }

  /** What was opened at this depth ends, and its keys are let go. */
  close(depth: number): void {
    this.#top = this.#first[depth]!;
    this.#lastIsConstructor = false;
    this.#sets[depth] = undefined;
  }

  /** A key between its quotes, which may hold escapes. */
  add(depth: number, start: number, end: number, escaped: boolean): JsonFault | undefined {
    if (++this.#count > this.#limits.maxKeys) return 'keys';
    if (escaped) return this.#addText(depth, start, end);
    const length = end - start;
    this.#lastIsConstructor = length === CONSTRUCTOR.length && this.#is(CONSTRUCTOR, start);
    if (length === PROTO.length && this.#isUnsafe(depth, start)) return 'prototype';
    if (this.#limits.allowDuplicates) return undefined;
    const set = this.#sets[depth];
    if (set) return addTo(set, this.#bytes.toString('utf8', start, end));
    for (let i = this.#first[depth]!; i < this.#top; i++)
      if (this.#equals(i, start, length)) return 'duplicate';
    if (this.#top - this.#first[depth]! === FEW)
      return addTo(this.#toSet(depth), this.#bytes.toString('utf8', start, end));
    this.#starts[this.#top] = start;
    this.#ends[this.#top++] = end;
    return undefined;
  }

  /** A key with escapes: `"act\u0069on"` is `action`. */
  #addText(depth: number, start: number, end: number): JsonFault | undefined {
    let key: string;
    try {
      key = JSON.parse(this.#bytes.toString('utf8', start - 1, end + 1));
    } catch {
      return 'malformed';
    }
    this.#lastIsConstructor = key === 'constructor';
    if (key === '__proto__' || (key === 'prototype' && this.#ofConstructor[depth] === 1)) return 'prototype';
    if (this.#limits.allowDuplicates) return undefined;
    return addTo(this.#sets[depth] ?? this.#toSet(depth), key);
  }

  /** `__proto__`, or `prototype` in the value of `constructor`; all of one length. */
  #isUnsafe(depth: number, start: number): boolean {
    return this.#is(PROTO, start) || (this.#ofConstructor[depth] === 1 && this.#is(PROTOTYPE, start));
  }

  #is(name: Buffer, start: number): boolean {
    for (let i = 0; i < name.length; i++) if (this.#bytes[start + i] !== name[i]) return false;
    return true;
  }

  #equals(known: number, start: number, length: number): boolean {
    const from = this.#starts[known]!;
    if (this.#ends[known]! - from !== length) return false;
    for (let i = 0; i < length; i++) if (this.#bytes[from + i] !== this.#bytes[start + i]) return false;
    return true;
  }

  #toSet(depth: number): Set<string> {
    const set = new Set<string>();
    for (let i = this.#first[depth]!; i < this.#top; i++) {
      set.add(this.#bytes.toString('utf8', this.#starts[i], this.#ends[i]));
    }
    this.#sets[depth] = set;
    return set;
  }
}

function addTo(set: Set<string>, key: string): JsonFault | undefined {
  if (set.has(key)) return 'duplicate';
  set.add(key);
  return undefined;
}
