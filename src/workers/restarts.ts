/** A worker that ended sooner than this after its start is not well, in milliseconds. */
const SETTLED = 10_000;

/** Waits, in milliseconds: doubled with each failure in a row, up to a bound. */
const FIRST_WAIT = 250;
const LONGEST_WAIT = 30_000;

/** From how many failures in a row it is a loop. */
const LOOP = 3;

/** When a worker that ended may be replaced: at once if it had served for a while, later and later if it had not. */
export class Restarts {
  readonly #random: () => number;
  #failures = 0;

  /** `random` gives 0 to 1: workers that fail together do not come back together. */
  constructor(random: () => number = Math.random) {
    this.#random = random;
  }

  /** How many in a row ended too soon. */
  get failures(): number {
    return this.#failures;
  }

  get looping(): boolean {
    return this.#failures >= LOOP;
  }

  /** One has ended that had lived for so long; how long to wait for the next, in milliseconds. */
  ended(lived: number): number {
    if (lived >= SETTLED) this.#failures = 0;
    else this.#failures++;
    if (this.#failures <= 1) return 0;
    const wait = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** (this.#failures - 2));
    return wait * (0.5 + this.#random() / 2);
  }
}
