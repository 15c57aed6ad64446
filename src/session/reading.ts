import { isUtf8 } from 'node:buffer';
import type { Direction, Payload } from '../pipeline/message.ts';
import { CHARACTERS, Scratch, unmaskInto } from '../protocol/mask.ts';

/**
 * The payload that is being judged, and the memory it lies in. There is one for all sessions, as judging is
 * synchronous; a guard that takes its time keeps the one it was given, and the others get a new one (`lendReading`).
 */
export class Reading implements Payload {
  direction: Direction = 'client';
  binary = false;
  bytes: Buffer = Buffer.alloc(0);
  parsed: unknown = undefined;
  readonly #scratch = new Scratch();
  #view: Buffer = this.bytes;
  #viewed: Buffer = this.bytes;
  /** One of `CHARACTERS`. */
  #characters: number = CHARACTERS.any;
  #text: string | undefined = undefined;

  /** Takes the payload out of one whole message: `raw[from..to)` is its frames, one after the other, and no others. */
  gather(raw: Buffer, from: number, to: number): void {
    this.#scratch.reserve(to - from);
    let length = 0;
    let characters: number = CHARACTERS.plain;
    for (let at = from; at < to; ) {
      const second = raw[at + 1]!;
      let size = second & 0x7f;
      at += 2;
      if (size === 126) {
        size = raw.readUInt16BE(at);
        at += 2;
      } else if (size === 127) {
        size = raw.readUIntBE(at + 2, 6); // the two bytes above are 0: it all lies in memory
        at += 8;
      }
      let key = 0;
      if (second & 0x80) {
        key = raw.readInt32LE(at);
        at += 4;
      }
      characters = Math.min(characters, unmaskInto(this.#scratch, length, raw, at, at + size, key));
      length += size;
      at += size;
    }
    this.bytes = this.#first(length);
    this.#characters = characters;
    this.#text = undefined;
    this.parsed = undefined;
  }

  /** The first bytes of the scratch buffer. A view is kept until the next length: making one costs 55 ns. */
  #first(length: number): Buffer {
    const { bytes } = this.#scratch;
    if (this.#view.length !== length || this.#viewed !== bytes) {
      this.#view = bytes.subarray(0, length);
      this.#viewed = bytes;
    }
    return this.#view;
  }

  /** Puts another payload in its place: what was gathered, inflated. */
  replace(bytes: Buffer): void {
    this.bytes = bytes;
    this.#characters = CHARACTERS.any;
  }

  /** Whether the bytes are UTF-8 (RFC 6455 section 8.1). */
  get valid(): boolean {
    return this.#characters !== CHARACTERS.any || isUtf8(this.bytes);
  }

  get plain(): boolean {
    return this.#characters === CHARACTERS.plain;
  }

  text(): string {
    this.#text ??= this.bytes.toString(this.#characters !== CHARACTERS.any ? 'latin1' : 'utf8');
    return this.#text;
  }
}

/** Below this many bytes a loop is quicker than a view and a call into native code. */
const SHORT = 96;

/** Whether `raw[from..to)`, a payload that lies open, is UTF-8. */
export function isText(raw: Buffer, from: number, to: number): boolean {
  if (to - from < SHORT) {
    let seen = 0;
    for (let i = from; i < to; i++) seen |= raw[i]!;
    if (seen < 0x80) return true;
  }
  return isUtf8(raw.subarray(from, to));
}

let shared = new Reading();

/** The one that nobody is using: valid until control goes back to the event loop. */
export function sharedReading(): Reading {
  return shared;
}

/** Leaves the shared one to a guard that has not answered yet; the next message gets one of its own size. */
export function lendReading(): void {
  shared = new Reading();
}
