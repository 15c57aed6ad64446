import type { Services } from '../store/services.ts';
import { checkDeadlines, forgive } from './deadlines.ts';
import { Rechecks } from './recheck.ts';
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
  readonly #rechecks: Rechecks;
  readonly #interval: number;
  readonly #slice: number;
  #timer: NodeJS.Timeout | undefined = undefined;
  /** When the last round began, monotonic milliseconds. */
  #last: number;
  /** The sessions of this round that have not been looked at yet, and the first of them. */
  #left: Iterator<Session> | undefined = undefined;
  #next: Session | undefined = undefined;

  constructor(
    registry: Registry,
    services: Services,
    interval: number = SWEEP_INTERVAL,
    slice: number = SLICE,
  ) {
    this.#registry = registry;
    this.#services = services;
    this.#rechecks = new Rechecks(services);
    this.#interval = interval;
    this.#slice = slice;
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
    this.#next = undefined;
  }

  /** One round. Comes from the timer; a test may call it. */
  tick(): void {
    const now = this.#services.clock.monotonic();
    const elapsed = now - this.#last;
    this.#last = now;
    // A round that comes late was kept waiting by us, not by the peers: they get that time back.
    const late = elapsed - this.#interval;
    if (late > this.#interval) for (const session of this.#registry) forgive(session, late);
    if (this.#next) return; // the last round is still at work
    this.#left = this.#registry[Symbol.iterator]();
    this.#step();
    this.#look(now, elapsed);
  }

  #look(now: number, elapsed: number): void {
    const begun = performance.now();
    while (this.#next) {
      checkDeadlines(this.#next, now, elapsed);
      if (now >= this.#next.recheckAt) this.#rechecks.due(this.#next);
      this.#step();
      if (this.#next && performance.now() - begun > this.#slice) {
        setImmediate(() => this.#look(now, elapsed));
        return;
      }
    }
  }

  #step(): void {
    const { value, done } = this.#left!.next();
    this.#next = done ? undefined : value;
    if (done) this.#left = undefined;
  }
}
