import type { Sendable, Timers } from './platform.ts';

/** A message of the application that the other side answers: a browser's script cannot ping. */
export interface HeartbeatOptions {
  /** Asked after so many ms in which nothing came. */
  readonly interval: number;
  /** If then nothing comes for so many ms, the connection is given up. */
  readonly timeout: number;
  /** Makes the message that asks. */
  readonly message: () => Sendable;
}

/** Watches one open connection for silence. */
export class Heartbeat {
  readonly #options: HeartbeatOptions;
  readonly #timers: Timers;
  readonly #send: (data: Sendable) => void;
  readonly #dead: () => void;
  #timer: unknown;
  #heardAt = 0;

  constructor(
    options: HeartbeatOptions,
    timers: Timers,
    { send, dead }: { send: (data: Sendable) => void; dead: () => void },
  ) {
    this.#options = options;
    this.#timers = timers;
    this.#send = send;
    this.#dead = dead;
  }

  start(): void {
    this.heard();
    this.#wait(this.#options.interval);
  }

  /** Something came. No timer is moved for it: the one that runs looks at the time when it ends. */
  heard(): void {
    this.#heardAt = this.#timers.now();
  }

  stop(): void {
    this.#timers.clear(this.#timer);
  }

  #wait(ms: number): void {
    this.#timer = this.#timers.set(() => this.#ask(), ms);
  }

  #ask(): void {
    const { interval, timeout, message } = this.#options;
    const askedAt = this.#timers.now();
    const silence = askedAt - this.#heardAt;
    if (silence < interval) {
      this.#wait(interval - silence);
      return;
    }
    this.#timer = this.#timers.set(() => {
      if (this.#heardAt < askedAt) this.#dead();
      else this.#ask();
    }, timeout);
    this.#send(message());
  }
}
