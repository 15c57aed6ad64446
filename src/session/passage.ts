import type { Leg } from './leg.ts';

/** Counts what messages that are not whole hold, in bytes; given back where negative. */
export interface HeldCount {
  take(bytes: number): void;
}

/**
 * The bytes on their way from one leg to the other. Of the chunk at hand, what has passed and is not written yet lies
 * before `mark`, and the message at hand behind it. What came of that message in earlier chunks is `held`.
 */
export class Passage {
  /** The beginning of the message at hand, control frames left out; undefined while it all lies in the chunk. */
  held: Held | undefined = undefined;
  /** Where the message at hand begins in the chunk. */
  mark = 0;
  #run = 0;
  readonly #unfinished: HeldCount | undefined;
  readonly #source: Leg;
  #sink: Leg;

  /** `unfinished` counts what is held. */
  constructor(source: Leg, sink: Leg, unfinished: HeldCount | undefined) {
    this.#source = source;
    this.#sink = sink;
    this.#unfinished = unfinished;
  }

  /** What is held is let go. */
  release(): void {
    if (this.held === undefined) return;
    this.#unfinished?.take(-this.held.capacity);
    this.held = undefined;
  }

  /** From here on it leads elsewhere. */
  redirect(sink: Leg): void {
    this.#sink = sink;
  }

  /** The frames of the message at hand, which ends before `at`. Valid until the chunk is not. */
  message(chunk: Buffer, at: number): Buffer {
    return this.held?.bytes ?? chunk.subarray(this.mark, at);
  }

  /** What lies before `at` is dealt with: nothing of it is to be written. */
  cut(at: number): void {
    this.#run = at;
    this.mark = at;
  }

  /** Writes what has passed, in one write. */
  flush(chunk: Buffer): void {
    if (this.#run === this.mark) return;
    const whole = this.#run === 0 && this.mark === chunk.length;
    this.#sink.forward(whole ? chunk : chunk.subarray(this.#run, this.mark), this.#source.borrows);
    this.#run = this.mark;
  }

  /** Writes what has passed, and keeps what is there of the message at hand, up to `to`. */
  hold(chunk: Buffer, to: number): void {
    this.flush(chunk);
    if (this.mark >= to) return;
    this.held ??= new Held();
    const before = this.held.capacity;
    this.held.append(chunk, this.mark, to);
    if (this.held.capacity !== before) this.#unfinished?.take(this.held.capacity - before);
    this.cut(to);
  }

  /** The message at hand, which ends before `at`, may go: with its neighbours, or at once if it was held. */
  pass(chunk: Buffer, at: number): void {
    if (this.held === undefined) {
      this.mark = at;
    } else {
      this.replace(chunk, at, this.held.bytes);
    }
  }

  /** Sends `bytes`, which nobody else uses, in place of the message at hand. */
  replace(chunk: Buffer, at: number, bytes: Buffer): void {
    this.drop(chunk, at);
    this.#sink.forward(bytes, false);
  }

  /** The message at hand goes nowhere; what passed before it does. */
  drop(chunk: Buffer, at: number): void {
    this.flush(chunk);
    this.cut(at);
    this.release();
  }
}

/**
 * Original bytes of an unfinished message. Grows with what has come, not with what was announced: what has come in
 * one piece takes its own size, and what came in more than one less than twice that.
 */
class Held {
  #memory: Buffer = Buffer.alloc(0);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** What it takes of memory, in bytes. */
  get capacity(): number {
    return this.#memory.length;
  }

  /** What has come so far. It stays as it is when more comes, or when it is given away. */
  get bytes(): Buffer {
    return this.#memory.subarray(0, this.#length);
  }

  /** Keeps a copy of `chunk[from..to)`. */
  append(chunk: Buffer, from: number, to: number): void {
    const length = this.#length + to - from;
    if (length > this.#memory.length) {
      // Not from Buffer's pool: a slow sender would keep the pool's other tenants alive.
      const memory = Buffer.allocUnsafeSlow(Math.max(length, 2 * this.#memory.length, 256));
      this.#memory.copy(memory, 0, 0, this.#length);
      this.#memory = memory;
    }
    chunk.copy(this.#memory, this.#length, from, to);
    this.#length = length;
  }
}
