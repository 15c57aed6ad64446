/** How a client comes back. */
export interface ReconnectOptions {
  /** The first wait is between 0 and this, in ms; it doubles with each attempt. 1,000 if left out. */
  readonly base?: number;
  /** No wait is longer, in ms. 30,000 if left out. */
  readonly cap?: number;
  /** How many times in a row it comes back before it gives up; 0 is never. Without end if left out. */
  readonly attempts?: number;
  /** A connection that has lived this long, in ms, was a good one: the next wait is short again. 10,000 if left out. */
  readonly stableAfter?: number;
}

/**
 * Exponential back-off with full jitter: a wait is anything between zero and a bound that doubles. Of many clients that
 * were cut at once, no two return together.
 */
export class Backoff {
  readonly #options: Required<ReconnectOptions>;
  readonly #random: () => number;
  /** How often the bound has doubled. */
  #step = 0;
  #failures = 0;

  /** `random` gives numbers from 0 to below 1. */
  constructor(options: Required<ReconnectOptions>, random: () => number) {
    this.#options = options;
    this.#random = random;
  }

  /** Attempts in a row that did not lead to a connection that lived. */
  get failures(): number {
    return this.#failures;
  }

  get spent(): boolean {
    return this.#failures >= this.#options.attempts;
  }

  /**
   * A connection has ended after so many ms. If it lived, the budget is whole again, and the wait is short unless the
   * server asked for patience.
   */
  ended(lived: number, keep: boolean): void {
    if (lived < this.#options.stableAfter) return;
    this.#failures = 0;
    if (!keep) this.#step = 0;
  }

  /** The wait before the next attempt, in ms; the one after that may be longer. */
  next(): number {
    const wait = this.wait();
    this.#failures++;
    this.#step++;
    return wait;
  }

  /** A wait that counts as no failure, in ms. */
  wait(): number {
    const { base, cap } = this.#options;
    return this.#random() * Math.min(cap, base * 2 ** this.#step);
  }
}
