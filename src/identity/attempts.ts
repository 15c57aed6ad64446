import type { Rate } from '../pipeline/units.ts';
import type { Clock } from '../store/clock.ts';

/** Holders that one table remembers; the one that has been quiet for longest is forgotten first. */
const MAX_HOLDERS = 10_000;

/**
 * Counts failed attempts by holder (a name, an address) and says who must wait: `count` at once, then one each
 * `period / count`. Outlives a reload; the rate is the caller's, so that a new one holds for old counts.
 */
export class Attempts {
  readonly #clock: Clock;
  readonly #capacity: number;
  /** When the holder's debt is paid, in monotonic milliseconds. In order of the last attempt. */
  readonly #paid = new Map<string, number>();

  constructor(clock: Clock, capacity: number = MAX_HOLDERS) {
    this.#clock = clock;
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#paid.size;
  }

  /** Milliseconds until this holder may try again; 0 if now. */
  wait(holder: string, { count, period }: Rate): number {
    const paid = this.#paid.get(holder);
    if (paid === undefined) return 0;
    return Math.max(0, Math.ceil(paid - this.#clock.monotonic() - (period - period / count)));
  }

  charge(holder: string, { count, period }: Rate): void {
    const now = this.#clock.monotonic();
    const paid = Math.max(this.#paid.get(holder) ?? now, now);
    this.#paid.delete(holder);
    this.#paid.set(holder, paid + period / count);
    if (this.#paid.size > this.#capacity) this.#forgetOldest();
  }

  #forgetOldest(): void {
    for (const holder of this.#paid.keys()) {
      this.#paid.delete(holder);
      return;
    }
  }
}
