import type { Credentials } from './credentials.ts';
import type { Scenario } from './scenario.ts';
import { type Endpoint, type LoadSocket, openSocket, Refusal } from './socket.ts';
import type { Tally } from './tally.ts';

/** What the users of one process share. */
export interface Stage {
  readonly scenario: Scenario;
  readonly endpoint: Endpoint;
  readonly credentials: Credentials;
  readonly tally: Tally;
  /** The next message for a user, and the id in it. */
  next(user: number): { readonly text: string; readonly id: string };
  /** The id that an answer names; undefined if it names none, or answers are told by their order. */
  idIn(answer: Buffer): string | undefined;
  /** Messages are sent, and users that were lost come back. */
  readonly running: boolean;
}

/** How long a connection may take to open, in milliseconds. */
const PATIENCE = 30_000;

/** A user that lost its connection comes back after this, and up to as much again, in milliseconds. */
const RETURN = 500;

/** One virtual user: a connection, and the messages that wait for their answer. */
export class User {
  readonly #stage: Stage;
  readonly #number: number;
  readonly #slow: boolean;
  /** When the messages were due that wait for an answer, oldest first, in microseconds; by id, or in their order. */
  #waiting = new Map<string, number>();
  #socket: LoadSocket | undefined;
  #opening = false;

  constructor(stage: Stage, number: number) {
    this.#stage = stage;
    this.#number = number;
    this.#slow = number % 1_000 < stage.scenario.slowReaders * 1_000;
  }

  get open(): boolean {
    return this.#socket !== undefined;
  }

  /** Connects, until it is let in. Resolves when it is, or nothing runs any more. */
  async connect(): Promise<void> {
    if (this.#socket || this.#opening) return;
    this.#opening = true;
    while (!(await this.#try())) {
      await new Promise((resolve) => setTimeout(resolve, RETURN * (1 + Math.random())));
      if (!this.#stage.running) break;
    }
    this.#opening = false;
  }

  async #try(): Promise<boolean> {
    const { endpoint, credentials, tally } = this.#stage;
    tally.counts.tried++;
    const begun = performance.now();
    try {
      const token = await credentials.token(this.#number);
      this.#socket = await openSocket(endpoint, token, this, PATIENCE);
    } catch (error) {
      tally.refuse(error instanceof Refusal ? error.message : String(error));
      return false;
    }
    tally.counts.opened++;
    tally.opening.record((performance.now() - begun) * 1_000);
    if (this.#slow) this.#socket.pause();
    return true;
  }

  /** Sends one message that was due at this time, in milliseconds of `performance.now()`. */
  send(due: number): void {
    const { tally } = this.#stage;
    const { text, id } = this.#stage.next(this.#number);
    tally.counts.sent++;
    if (!this.#socket?.send(text)) {
      tally.counts.unanswered++;
      return;
    }
    tally.counts.sentBytes += text.length;
    if (this.#slow)
      tally.counts.answered++; // it will never know
    else this.#waiting.set(id, due);
  }

  /** Closed loop: keeps so many messages waiting. */
  fill(): void {
    const { running, scenario } = this.#stage;
    const { pace, messages } = scenario;
    if (!('outstanding' in pace) || messages.length === 0 || !running || !this.#socket) return;
    while (this.#waiting.size < pace.outstanding) {
      const before = this.#waiting.size;
      this.send(performance.now());
      if (this.#waiting.size === before) return;
    }
  }

  /** Gives up on messages that are older than this; returns how many still wait. */
  overdue(now: number, most: number): number {
    for (const [id, due] of this.#waiting) {
      if (now - due < most) break;
      this.#waiting.delete(id);
      this.#stage.tally.counts.unanswered++;
    }
    return this.#waiting.size;
  }

  /** Ends the connection in order. */
  close(): void {
    this.#forget();
    this.#socket?.close();
    this.#socket = undefined;
  }

  /** Cuts it, as a network does. */
  cut(): void {
    this.#forget();
    this.#socket?.destroy();
    this.#socket = undefined;
  }

  message(payload: Buffer): void {
    const { tally, scenario } = this.#stage;
    tally.counts.receivedBytes += payload.length;
    const id = scenario.answer === 'order' ? this.#waiting.keys().next().value : this.#stage.idIn(payload);
    const due = id === undefined ? undefined : this.#waiting.get(id);
    if (id === undefined || due === undefined) {
      tally.counts.unasked++;
      return;
    }
    this.#waiting.delete(id);
    tally.counts.answered++;
    tally.latency.record((performance.now() - due) * 1_000);
    this.#onward();
  }

  closed(code: number): void {
    const { tally, running } = this.#stage;
    this.#socket = undefined;
    this.#forget();
    tally.close(code);
    if (!running) return;
    tally.counts.lost++;
    setTimeout(() => void this.connect().then(() => this.fill()), RETURN * (1 + Math.random())).unref();
  }

  #onward(): void {
    const { pace } = this.#stage.scenario;
    if (!('outstanding' in pace)) return;
    if (pace.think === 0) this.fill();
    else setTimeout(() => this.fill(), pace.think).unref();
  }

  #forget(): void {
    this.#stage.tally.counts.unanswered += this.#waiting.size;
    this.#waiting.clear();
  }
}
