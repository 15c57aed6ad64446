/** Bytes that all journals of a process may take together. */
export class Budget {
  readonly limit: number;
  used = 0;

  constructor(limit: number) {
    this.limit = limit;
  }

  /** Whether there are so many left; if so, they are taken. */
  take(bytes: number): boolean {
    if (this.used + bytes > this.limit) return false;
    this.used += bytes;
    return true;
  }

  give(bytes: number): void {
    this.used -= bytes;
  }
}

/** What a journal begins with, and keeps while nothing is in it, in bytes. */
const LEAST = 4_096;

/** Between two messages of a journal. */
export interface Place {
  /** Messages before it. */
  seen: number;
  /** Bytes before it. */
  position: number;
}

const NO_BYTES = Buffer.alloc(0);
const NO_LENGTHS = new Uint32Array(0);

/**
 * The last messages that a client was sent, as frames, until it says that it has seen them: a ring of bytes, and one of
 * lengths. Bounded in messages and bytes; what does not fit pushes out the oldest.
 */
export class Journal {
  readonly maxMessages: number;
  readonly maxBytes: number;
  readonly #budget: Budget;
  /** Messages that were ever put in. */
  total = 0;
  #ring: Buffer = NO_BYTES;
  /** Where in the ring the oldest byte is, and how many there are. */
  #head = 0;
  #used = 0;
  #lengths = NO_LENGTHS;
  #first = 0;
  #count = 0;
  /** Bytes that were ever pushed out or trimmed. */
  #gone = 0;

  constructor(limits: { readonly maxMessages: number; readonly maxBytes: number }, budget: Budget) {
    this.maxMessages = limits.maxMessages;
    this.maxBytes = limits.maxBytes;
    this.#budget = budget;
  }

  /** Messages that are not kept any more. */
  get start(): number {
    return this.total - this.#count;
  }

  /** Bytes of memory that it takes. */
  get size(): number {
    return this.#ring.length;
  }

  /** Whether everything behind the first `seen` messages is there. */
  holds(seen: number): boolean {
    return seen >= this.start && seen <= this.total;
  }

  /** Keeps a copy of one message. */
  push(frames: Uint8Array): void {
    const { length } = frames;
    while (this.#count > 0 && (this.#count >= this.maxMessages || this.#used + length > this.maxBytes))
      this.#drop();
    while (!this.#reserve(length) && this.#count > 0) this.#drop();
    this.total++;
    if (length > this.maxBytes || length > this.#ring.length) {
      this.#gone += length; // too large for any room that there is
      return;
    }
    this.#append(frames);
    if (this.#count === this.#lengths.length) this.#lengthen();
    this.#lengths[(this.#first + this.#count) % this.#lengths.length] = length;
    this.#count++;
  }

  /** Forgets the first `seen` messages. */
  trim(seen: number): void {
    while (this.#count > 0 && this.start < seen) this.#drop();
    if (this.#count === 0 && this.#ring.length > LEAST) this.clear();
  }

  /** Forgets everything, and gives the memory back. */
  clear(): void {
    this.#gone += this.#used;
    this.#budget.give(this.#ring.length);
    this.#ring = NO_BYTES;
    this.#lengths = NO_LENGTHS;
    this.#head = this.#used = this.#first = this.#count = 0;
  }

  /** Where the messages behind the first `seen`, which it must hold, begin. */
  placeOf(seen: number): Place {
    let position = this.#gone;
    for (let i = 0, most = seen - this.start; i < most; i++) position += this.#lengthOf(i);
    return { seen, position };
  }

  /**
   * A copy of whole messages from a place on, which moves behind them: of as many as fit into `most` bytes, or of one that
   * is larger. Undefined at the end. What was pushed out meanwhile is `gone`.
   */
  read(place: Place, most: number): Buffer | 'gone' | undefined {
    let at = place.seen - this.start;
    if (at < 0) return 'gone';
    let length = 0;
    for (; at < this.#count; at++) {
      const next = this.#lengthOf(at);
      if (length > 0 && length + next > most) break;
      length += next;
    }
    if (length === 0) return undefined;
    const bytes = Buffer.allocUnsafe(length);
    this.#copyTo(bytes, place.position - this.#gone, length);
    place.seen = this.start + at;
    place.position += length;
    return bytes;
  }

  #lengthOf(index: number): number {
    return this.#lengths[(this.#first + index) % this.#lengths.length]!;
  }

  #drop(): void {
    const length = this.#lengths[this.#first]!;
    this.#first = (this.#first + 1) % this.#lengths.length;
    this.#count--;
    this.#head = (this.#head + length) % this.#ring.length;
    this.#used -= length;
    this.#gone += length;
  }

  /** Makes room for so many bytes more; false if there is no memory for them. */
  #reserve(bytes: number): boolean {
    const needed = this.#used + bytes;
    const { length } = this.#ring;
    if (needed <= length) return true;
    if (needed > this.maxBytes) return false;
    const size = Math.min(Math.max(LEAST, 2 * length, needed), Math.max(this.maxBytes, LEAST));
    if (!this.#budget.take(size - length)) return false;
    const ring = Buffer.allocUnsafeSlow(size);
    this.#copyTo(ring, 0, this.#used);
    this.#ring = ring;
    this.#head = 0;
    return true;
  }

  #append(frames: Uint8Array): void {
    const ring = this.#ring;
    const at = (this.#head + this.#used) % ring.length;
    const room = ring.length - at;
    ring.set(room < frames.length ? frames.subarray(0, room) : frames, at);
    if (room < frames.length) ring.set(frames.subarray(room), 0);
    this.#used += frames.length;
  }

  #copyTo(target: Buffer, offset: number, length: number): void {
    const ring = this.#ring;
    if (length === 0) return;
    const from = (this.#head + offset) % ring.length;
    const copied = ring.copy(target, 0, from, Math.min(ring.length, from + length));
    if (copied < length) ring.copy(target, copied, 0, length - copied);
  }

  #lengthen(): void {
    const lengths = new Uint32Array(Math.max(16, 2 * this.#count));
    for (let i = 0; i < this.#count; i++) lengths[i] = this.#lengthOf(i);
    this.#lengths = lengths;
    this.#first = 0;
  }
}
