import { Duplex } from 'node:stream';

/**
 * A socket without a network: what is written to one end comes out of the other, each write a chunk of its own, in
 * order and at once. It knows no back-pressure.
 */
export class MemorySocket extends Duplex {
  #other: MemorySocket | undefined = undefined;

  constructor() {
    super({ allowHalfOpen: true, highWaterMark: 1 << 30 });
  }

  static pair(): [MemorySocket, MemorySocket] {
    const [a, b] = [new MemorySocket(), new MemorySocket()];
    a.#other = b;
    b.#other = a;
    return [a, b];
  }

  /** As a TCP socket would: the other side sees a reset. */
  resetAndDestroy(): this {
    this.#other?.destroy(new Error('reset by the other end of a memory socket'));
    return this.destroy();
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    const other = this.#other;
    if (other && !other.destroyed && !other.readableEnded) other.push(Buffer.from(chunk));
    done();
  }

  override _final(done: () => void): void {
    this.#other?.push(null);
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    const other = this.#other;
    this.#other = undefined;
    if (other && !other.destroyed) other.push(null);
    done(error);
  }
}
