import type { Services } from '../store/services.ts';
import { checkDeadlines, forgive } from './deadlines.ts';
import type { Registry } from './registry.ts';
import type { Session } from './session.ts';

/** How often every session is looked at, in milliseconds. */
export const SWEEP_INTERVAL = 500;

/** How long one part of a round may keep the event loop, in milliseconds: 50,000 tokens may expire in one second. */
const SLICE = 8;

/** One timer for every deadline of every session. */
export class Sweep {
  readonly #registry: Registry;
  readonly #services: Services;
  readonly #interval: number;
  #timer: NodeJS.Timeout | undefined = undefined;
  /** When the last round began, monotonic milliseconds. */
  #last: number;
  /** Sessions of this round that have not been looked at yet. */
  #left: Iterator<Session> | undefined = undefined;

  constructor(registry: Registry, services: Services, interval: number = SWEEP_INTERVAL) {
    this.#registry = registry;
    this.#services = services;
    this.#interval = interval;
    this.#last = services.clock.monotonic();
  }

  start(): void {
    this.#last = this.#services.clock.monotonic();
    this.#timer ??= setInterval(() => this.tick(), this.#interval).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#left = undefined;
  }

  /** One round. Comes from the timer; a test may call it. */
  tick(): void {
    const now = this.#services.clock.monotonic();
    const elapsed = now - this.#last;
    this.#last = now;
    // A round that comes late was kept waiting by us, not by the peers: they get that time back.
    const late = elapsed - this.#interval;
    if (late > this.#interval) for (const session of this.#registry) forgive(session, late);
    if (this.#left) return; // the last round is still at work
    this.#left = this.#registry[Symbol.iterator]();
    this.#slice(now, elapsed);
  }

  #slice(now: number, elapsed: number): void {
    const begun = performance.now();
    while (this.#left) {
      const { value: session, done } = this.#left.next();
      if (done) {
        this.#left = undefined;
      } else {
        checkDeadlines(session, now, elapsed);
        if (performance.now() - begun > SLICE) {
          setImmediate(() => this.#slice(now, elapsed));
          return;
        }
      }
    }
  }
}
