/**
 * The beginning of a message whose end has not come: its original bytes, control frames left out.
 * Grows with what has come, not with what was announced, and never beyond twice that.
 */
export class Held {
  #bytes: Buffer = Buffer.alloc(0);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Keeps a copy of `chunk[from..to)`. */
  append(chunk: Buffer, from: number, to: number): void {
    const length = this.#length + to - from;
    if (length > this.#bytes.length) {
      // Not from Buffer's pool: a slow sender would keep the pool's other tenants alive.
      const bytes = Buffer.allocUnsafeSlow(Math.max(2 * length, 256));
      this.#bytes.copy(bytes, 0, 0, this.#length);
      this.#bytes = bytes;
    }
    chunk.copy(this.#bytes, this.#length, from, to);
    this.#length = length;
  }

  /** What has come so far. It stays as it is when more comes, or when it is given away. */
  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }
}
