import type { Clock } from '../store/clock.ts';
import type { Services } from '../store/services.ts';

/** In a turn that took longer, others had their time, and one more may go in, and so on: once in so many milliseconds. */
const SHARE = 4;

/** Yet not more than so many, however long it took: a pause is not made up for, and they do not make the next turn long. */
const MOST = 12;

/** Calls back in the next turn of the event loop, behind what has come from the network in this one. */
type Later = (callback: () => void) => unknown;

/**
 * Lets newcomers into the event loop one by one. A handshake comes in pieces of up to a millisecond: a ClientHello to
 * answer, a request to read and its credential to check, an upstream's answer to make a session of. When hundreds of them
 * are due in one turn, whoever is connected waits behind all of them; so one is done in each turn, and what the others
 * have sent comes between. Whoever has begun goes before whoever has not.
 *
 * While nobody else is there, this costs a flag and one `setImmediate`, no memory and no time.
 */
export class Turnstile {
  readonly #clock: Clock;
  readonly #later: Later;
  /** Those who have begun and wait, in their order. */
  readonly #line = new Set<() => void>();
  #admit: () => boolean = () => false;
  /** How many may still go in this turn. */
  #places = 1;
  /** Whether the next turn is watched, and when this one began. */
  #turning = false;
  #since = 0;

  constructor(clock: Clock, later: Later = setImmediate) {
    this.#clock = clock;
    this.#later = later;
  }

  /** How many have begun and wait. */
  get waiting(): number {
    return this.#line.size;
  }

  /** Whether the caller may go on at once. Then it has done so; else it has to `queue` or `wait`. */
  enter(): boolean {
    if (this.#places === 0 || this.#line.size > 0) return false;
    this.#places--;
    this.#turn();
    return true;
  }

  /** Calls `step` when its turn has come: in another turn than this one. It must not throw. */
  queue(step: () => void): void {
    this.#line.add(step);
    this.#turn();
  }

  /** `queue`, for those who wait for a promise. */
  wait(): Promise<void> {
    return new Promise((resolve) => this.queue(resolve));
  }

  /** Who has not begun: `admit` begins with the next one, and is asked when nobody else waits. False if there is none. */
  follow(admit: () => boolean): void {
    this.#admit = admit;
  }

  /** Somebody has come who may begin, but not in this turn. */
  call(): void {
    this.#turn();
  }

  #turn(): void {
    if (this.#turning) return;
    this.#turning = true;
    this.#since = this.#clock.monotonic();
    this.#later(this.#next);
  }

  readonly #next = (): void => {
    const took = this.#clock.monotonic() - this.#since;
    this.#turning = false;
    this.#places = Math.min(MOST, 1 + Math.floor(took / SHARE));
    for (const step of this.#line) {
      if (this.#places === 0) break;
      this.#line.delete(step);
      this.#go(step);
    }
    while (this.#places > 0 && this.#line.size === 0 && this.#admit()) this.#go();
    if (this.#line.size > 0) this.#turn();
    else if (!this.#turning) this.#places = 1; // nobody came, and nobody waits
  };

  #go(step?: () => void): void {
    this.#places--;
    this.#turn();
    step?.();
  }
}

/** The one of this process: all listeners share its event loop. */
export function turnstileOf(services: Pick<Services, 'clock' | 'shared'>): Turnstile {
  return services.shared.get('edge:turnstile', () => new Turnstile(services.clock));
}
