import { encodeClaim, encodeControl, sessionProtocolOf, type Welcome } from '../protocol/session-protocol.ts';
import type { Settings } from './options.ts';
import type { Sendable } from './platform.ts';
import { bytesOf, copyOf } from './queue.ts';

/** How long what was received may wait to be acknowledged, and how soon after the last time, in ms. */
const ACK_DELAY = 1_000;
const ACK_PAUSE = 100;

/** The claim on a session ends so much before its window does, in ms: a clock here and a road there. */
const ROAD = 1_000;

interface Kept {
  readonly data: Sendable;
  readonly bytes: number;
}

/**
 * The client's half of a session that outlives its connections (PROTOCOL.md, "Resuming"): counts what comes, keeps what
 * was sent until it is acknowledged, and knows what to claim when it comes back.
 */
export class Resumption {
  readonly #settings: Settings;
  #welcome: Welcome | undefined;
  /** When the connection was lost, monotonic ms; undefined while there is one. */
  #lostAt: number | undefined;
  #kept: Kept[] = [];
  #keptBytes = 0;
  /** Messages that were sent in this session, and those that were received. */
  #sent = 0;
  #received = 0;
  /** Of those received, and their size, what the other side does not know of yet. */
  #unsaid = 0;
  #unsaidBytes = 0;
  #saidAt = Number.NEGATIVE_INFINITY;
  #timer: unknown;
  #say: ((text: string) => void) | undefined;

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  /** What to offer beside the plain subprotocols: the same with a session around them, and the claim to the last one. */
  offers(): string[] {
    const { protocols, timers } = this.#settings;
    const wrapped = protocols.length === 0 ? [sessionProtocolOf('')] : protocols.map(sessionProtocolOf);
    const { token, window } = this.#welcome ?? {};
    const away = this.#lostAt === undefined ? 0 : timers.now() - this.#lostAt;
    if (token === undefined || window === undefined || away > window - ROAD) return wrapped;
    return [...wrapped, encodeClaim({ token, seen: this.#received })];
  }

  /** Whether more may be sent: what is not acknowledged has the bounds of the queue. */
  get hasRoom(): boolean {
    const { messages, bytes } = this.#settings.queue;
    return this.#kept.length < messages && this.#keptBytes < bytes;
  }

  /** Messages that were sent and may have to be sent again. */
  get unacknowledged(): number {
    return this.#kept.length;
  }

  /** A message is sent now: it is kept as it is. */
  keep(data: Sendable): void {
    const bytes = bytesOf(data);
    this.#kept.push({ data: copyOf(data), bytes });
    this.#keptBytes += bytes;
    this.#sent++;
  }

  /**
   * A connection begins. Returns what is to be sent again on it, in order; undefined if what the gateway says cannot be.
   * `say` sends a text that is not the application's.
   */
  welcomed(welcome: Welcome, say: (text: string) => void): readonly Sendable[] | undefined {
    if (welcome.resumed && !this.#covers(welcome.seen)) return undefined;
    if (welcome.resumed && welcome.next !== this.#received + 1) return undefined;
    if (welcome.resumed) this.acknowledged(welcome.seen);
    else this.#beginAnew();
    this.#welcome = welcome;
    this.#lostAt = undefined;
    this.#say = say;
    this.#acknowledge();
    return this.#kept.map(({ data }) => data);
  }

  /** False if it says what cannot be. */
  acknowledged(seen: number): boolean {
    if (!this.#covers(seen)) return false;
    const covered = this.#kept.length - (this.#sent - seen);
    for (const { bytes } of this.#kept.splice(0, covered)) this.#keptBytes -= bytes;
    return true;
  }

  /** A message of the application came. */
  received(data: unknown): void {
    const { messages, bytes } = this.#welcome!.buffer;
    this.#received++;
    this.#unsaid++;
    this.#unsaidBytes += bytesOf(data as Sendable) + HEADER;
    const full = this.#unsaid * 2 >= messages || this.#unsaidBytes * 2 >= bytes;
    this.#acknowledgeWithin(full ? 0 : ACK_DELAY);
  }

  /** The connection is gone, and its session may be there still. */
  lost(): void {
    this.#rest();
    if (this.#welcome) this.#lostAt ??= this.#settings.timers.now();
  }

  /** The session is over: there is nothing to come back to. */
  ended(): void {
    this.#rest();
    this.#welcome = undefined;
    this.#lostAt = undefined;
  }

  /** There are no sessions here any more: returns what is to be sent once again, and forgets it. */
  abandon(): readonly Sendable[] {
    const again = this.#settings.unacknowledged === 'resend' ? this.#kept.map(({ data }) => data) : [];
    this.clear();
    return again;
  }

  clear(): void {
    this.ended();
    this.#kept = [];
    this.#keptBytes = 0;
  }

  #covers(seen: number): boolean {
    return seen <= this.#sent && seen >= this.#sent - this.#kept.length;
  }

  #beginAnew(): void {
    if (this.#settings.unacknowledged === 'drop') {
      this.#kept = [];
      this.#keptBytes = 0;
    }
    this.#sent = this.#kept.length;
    this.#received = 0;
  }

  #acknowledgeWithin(ms: number): void {
    const { timers } = this.#settings;
    const wait = Math.max(ms, this.#saidAt + ACK_PAUSE - timers.now());
    if (wait <= 0) this.#acknowledge();
    else if (ms === 0 || this.#timer === undefined) {
      timers.clear(this.#timer);
      this.#timer = timers.set(() => this.#acknowledge(), wait);
    }
  }

  #acknowledge(): void {
    const { timers } = this.#settings;
    timers.clear(this.#timer);
    this.#timer = undefined;
    this.#unsaid = 0;
    this.#unsaidBytes = 0;
    this.#saidAt = timers.now();
    this.#say?.(encodeControl({ type: 'ack', seen: this.#received }));
  }

  #rest(): void {
    this.#settings.timers.clear(this.#timer);
    this.#timer = undefined;
    this.#say = undefined;
  }
}

/** The most that a frame adds to its payload from the server (RFC 6455 §5.2), in bytes. */
const HEADER = 10;
