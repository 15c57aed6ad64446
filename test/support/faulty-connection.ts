import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { around, type Direction, randomOf, type Toxics } from './toxics.ts';

/** What may be held up in one direction before its sender is stopped, in bytes. */
const HELD = 1_048_576;
/** How often a limited bandwidth lets something pass, in milliseconds. */
const TICK = 10;

/** One connection through a bad cable. */
export class FaultyConnection {
  readonly #near: Socket;
  readonly #far: Socket;
  readonly #pumps: Readonly<Record<Direction, Pump>>;
  #open = 2;

  constructor(
    near: Socket,
    target: number,
    toxics: Readonly<Record<Direction, Toxics>>,
    seed: number,
    closed: () => void,
  ) {
    this.#near = near;
    this.#far = connect({ port: target, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
    const reset = (): void => this.reset();
    this.#pumps = {
      upstream: new Pump(near, this.#far, toxics.upstream, randomOf(seed), reset),
      downstream: new Pump(this.#far, near, toxics.downstream, randomOf(seed + 1), reset),
    };
    const ended = (into: Direction): void => {
      this.#pumps[into].stop(); // what leads away from it may still be on its way
      if (--this.#open === 0) closed();
    };
    near.on('error', reset).on('close', () => ended('downstream'));
    this.#far.on('error', reset).on('close', () => ended('upstream'));
  }

  infect(direction: Direction, toxics: Toxics): void {
    this.#pumps[direction].infect(toxics);
  }

  reset(): void {
    for (const socket of [this.#near, this.#far]) if (!socket.destroyed) socket.resetAndDestroy();
  }
}

/** Bytes on their way, or the end of them; and when they came, in monotonic milliseconds. */
interface Held {
  bytes: Buffer | 'end';
  readonly came: number;
  /** From -1 to 1: how much of the jitter is theirs. */
  readonly luck: number;
}

/** One direction. */
class Pump {
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #random: () => number;
  readonly #reset: () => void;
  readonly #queue: Held[] = [];
  #toxics: Toxics;
  #held = 0;
  /** When the hole of now began, monotonic milliseconds. */
  #holeSince: { readonly toxics: Toxics; readonly at: number } | undefined;
  #passed = 0;
  #running = false;
  #stopped = false;
  #wake: () => void = () => {};

  constructor(from: Socket, to: Socket, toxics: Toxics, random: () => number, reset: () => void) {
    this.#from = from;
    this.#to = to;
    this.#toxics = toxics;
    this.#random = random;
    this.#reset = reset;
    from.on('data', (chunk) => this.#take(chunk)).on('end', () => this.#take('end'));
  }

  infect(toxics: Toxics): void {
    this.#toxics = toxics;
    this.#wake();
    if (toxics.timeout) void this.#run();
  }

  stop(): void {
    this.#stopped = true;
    this.#queue.length = 0;
    this.#wake();
  }

  #take(bytes: Buffer | 'end'): void {
    if (this.#stopped) return;
    if (bytes !== 'end') this.#held += bytes.length;
    this.#queue.push({ bytes, came: performance.now(), luck: this.#random() * 2 - 1 });
    if (this.#held > HELD) this.#from.pause();
    void this.#run();
  }

  /** Passes on what is held, as slowly and as badly as it is told; one at a time does. */
  async #run(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    while (!this.#stopped && (this.#queue.length > 0 || this.#toxics.timeout)) {
      const wait = this.#waitOf(this.#queue[0]);
      if (wait > 0) await this.#pause(wait);
      else if (this.#toxics.timeout !== undefined) this.#break();
      else await this.#pass(this.#queue[0]!);
    }
    this.#running = false;
  }

  /** Milliseconds until the first of them may go; Infinity until something changes. */
  #waitOf(first: Held | undefined): number {
    const { timeout, latency, slowClose = 0 } = this.#toxics;
    if (timeout !== undefined) return this.#holeEnds(timeout);
    if (!first) return 0;
    const late = latency ? latency.delay + first.luck * (latency.jitter ?? 0) : 0;
    const due = first.came + Math.max(0, late) + (first.bytes === 'end' ? slowClose : 0);
    return due - performance.now();
  }

  #holeEnds(timeout: number): number {
    if (timeout === 0) return Number.POSITIVE_INFINITY;
    if (this.#holeSince?.toxics !== this.#toxics)
      this.#holeSince = { toxics: this.#toxics, at: performance.now() };
    return this.#holeSince.at + timeout - performance.now();
  }

  async #pass(first: Held): Promise<void> {
    if (first.bytes === 'end') {
      this.#queue.shift();
      this.#to.end();
      return;
    }
    const { bandwidth, slicer, limitData, resetPeer } = this.#toxics;
    const least = Math.min(limitData ?? Number.POSITIVE_INFINITY, resetPeer ?? Number.POSITIVE_INFINITY);
    const slice = slicer && Math.round(around(slicer.size, slicer.variation ?? 0, 1, this.#random));
    const most = Math.min(
      slice ?? Number.POSITIVE_INFINITY,
      Math.max(0, least - this.#passed),
      bandwidth ? Math.max(1, Math.floor((bandwidth * TICK) / 1_000)) : Number.POSITIVE_INFINITY,
    );
    const piece = first.bytes.subarray(0, most);
    this.#forget(first, piece.length);
    const room = piece.length === 0 || this.#to.write(piece);
    if (this.#passed >= least) return this.#endAt(least === resetPeer);
    if (!room) await Promise.race([once(this.#to, 'drain'), once(this.#to, 'close')]).catch(() => {});
    if (bandwidth) await this.#pause((piece.length / bandwidth) * 1_000);
    if (slicer?.delay) await this.#pause(slicer.delay);
  }

  #break(): void {
    this.stop();
    this.#reset();
  }

  #forget(first: Held, length: number): void {
    const { bytes } = first;
    if (length === bytes.length) this.#queue.shift();
    else first.bytes = (bytes as Buffer).subarray(length);
    this.#passed += length;
    this.#held -= length;
    if (this.#held <= HELD) this.#from.resume();
  }

  /** The limit of this connection is reached. */
  #endAt(reset: boolean): void {
    this.stop();
    // What was passed on is to arrive before the connection ends.
    const end = (): void => {
      if (reset) this.#reset();
      else for (const socket of [this.#from, this.#to]) socket.destroy();
    };
    if (this.#to.writableLength === 0) setImmediate(end);
    else this.#to.once('drain', end);
  }

  /** Until the time is over, or something has changed. */
  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = Number.isFinite(ms) ? setTimeout(resolve, ms) : undefined;
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
