import type { Connection } from './connection.ts';
import type { Settings } from './options.ts';
import type { Sendable } from './platform.ts';
import { Queue } from './queue.ts';

/** How often a socket that is full is looked at, in ms: no event tells when it has sent. */
const LOOK_AGAIN = 50;

/** What is to be sent: straight to the connection if it has room, else in the queue until it has. */
export class Outbox {
  readonly #settings: Settings;
  readonly #queue: Queue;
  #connection: Connection | undefined;
  #timer: unknown;

  constructor(settings: Settings) {
    this.#settings = settings;
    this.#queue = new Queue(settings.queue);
  }

  /** Messages that wait. */
  get waiting(): number {
    return this.#queue.length;
  }

  /** Bytes that wait here. */
  get bytes(): number {
    return this.#queue.bytes;
  }

  /** False if the policy says that the client must end now. Throws `queue_full` as the policy says. */
  send(data: Sendable): boolean {
    if (this.#queue.length === 0 && this.#hasRoom()) {
      this.#connection?.send(data);
      return true;
    }
    const outcome = this.#queue.push(data);
    if (this.#timer === undefined) this.#pump();
    return outcome !== 'full';
  }

  /** From now on there is a connection, and what waited goes first. */
  attach(connection: Connection): void {
    this.#connection = connection;
    this.#pump();
  }

  detach(): void {
    this.#connection = undefined;
    this.#rest();
  }

  /** Hands over all that waits, full or not: the connection is about to be closed. */
  flush(): void {
    while (this.#queue.length > 0 && this.#connection?.writable) this.#sendFirst();
    this.#rest();
  }

  /** Forgets what waits. */
  clear(): void {
    this.#queue.clear();
  }

  #pump(): void {
    this.#rest();
    while (this.#queue.length > 0 && this.#hasRoom()) this.#sendFirst();
    if (this.#queue.length === 0 || !this.#connection?.writable) return;
    this.#timer = this.#settings.timers.set(() => this.#pump(), LOOK_AGAIN);
  }

  #rest(): void {
    this.#settings.timers.clear(this.#timer);
    this.#timer = undefined;
  }

  #sendFirst(): void {
    const data = this.#queue.shift();
    if (data !== undefined) this.#connection?.send(data);
  }

  #hasRoom(): boolean {
    const connection = this.#connection;
    return connection?.hasRoom === true && connection.bufferedAmount < this.#settings.highWater;
  }
}
