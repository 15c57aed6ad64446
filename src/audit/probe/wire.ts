import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Budget } from '../budget.ts';

/** How a connection stands: open, ended in order, reset, or ended by a TLS alert or another fault below HTTP. */
export type Ending = 'open' | 'fin' | 'reset' | 'fault';

/** More unread bytes than this and the peer is cut off: nothing that it sends may fill our memory. */
const MAX_HELD = 4 * 1_048_576;

/** A byte stream, TCP or TLS, that keeps what came until it is taken, and says how it ended. */
export class Wire {
  readonly socket: Duplex;
  /** What came and was not taken. */
  held: Buffer = Buffer.alloc(0);
  ending: Ending = 'open';
  /** Of the error that ended it, as Node names it. */
  fault: string | undefined;
  readonly #budget: Budget;
  readonly #tcp: Socket;
  #wake: (() => void)[] = [];

  constructor(socket: Duplex, tcp: Socket, budget: Budget) {
    this.socket = socket;
    this.#tcp = tcp;
    this.#budget = budget;
    socket.on('data', (chunk: Buffer) => this.#took(chunk));
    socket.on('end', () => this.#ended('fin'));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      this.fault = error.code ?? error.message;
      this.#ended(error.code === 'ECONNRESET' || error.code === 'EPIPE' ? 'reset' : 'fault');
    });
    socket.on('close', () => this.#ended('reset'));
  }

  /** Sends these bytes, if the peer still takes any. @throws BudgetSpent */
  write(bytes: Buffer): void {
    this.#budget.take('bytes', bytes.length);
    if (this.socket.writable) this.socket.write(bytes);
  }

  /** Sends FIN and keeps reading. */
  halfClose(): void {
    if (this.socket.writable) this.socket.end();
  }

  destroy(): void {
    this.socket.destroy();
    this.#tcp.destroy();
  }

  /** Ends it with a reset, once what was written has left. */
  async reset(): Promise<void> {
    await new Promise<void>((resolve) => this.socket.write('', () => resolve()));
    this.#tcp.resetAndDestroy();
    this.socket.destroy();
  }

  /** Takes the first bytes of what is held. */
  take(length: number): Buffer {
    const taken = this.held.subarray(0, length);
    this.held = this.held.subarray(length);
    return taken;
  }

  /** Resolves with what `look` finds, as soon as it finds it; undefined after this many milliseconds. */
  async until<T>(look: (wire: Wire) => T | undefined, milliseconds: number): Promise<T | undefined> {
    const deadline = performance.now() + milliseconds;
    for (;;) {
      const found = look(this);
      if (found !== undefined) return found;
      const left = deadline - performance.now();
      if (left <= 0) return undefined;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#wake.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }

  /** Whether it has ended within this many milliseconds. */
  async ended(milliseconds: number): Promise<boolean> {
    return (await this.until((wire) => wire.ending !== 'open' || undefined, milliseconds)) ?? false;
  }

  #took(chunk: Buffer): void {
    this.held = this.held.length === 0 ? chunk : Buffer.concat([this.held, chunk]);
    if (this.held.length > MAX_HELD) this.destroy();
    this.#stir();
  }

  #ended(ending: Ending): void {
    if (this.ending === 'open') this.ending = ending;
    this.#stir();
  }

  #stir(): void {
    const waiting = this.#wake;
    this.#wake = [];
    for (const wake of waiting) wake();
  }
}
