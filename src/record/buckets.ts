/** A histogram of its own: adding to it is a short loop over numbers and allocates nothing. */
export class Buckets {
  /** Upper bounds, ascending, in seconds. */
  readonly bounds: readonly number[];
  /** One more than the bounds: the last counts what is over them all. Not cumulative. */
  readonly counts: Float64Array;
  count = 0;
  sum = 0;

  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.counts = new Float64Array(bounds.length + 1);
  }

  /** Adds one value, in seconds. */
  add(seconds: number): void {
    const { bounds, counts } = this;
    let place = 0;
    while (place < bounds.length && seconds > bounds[place]!) place++;
    counts[place]!++;
    this.count++;
    this.sum += seconds;
  }
}

/** One in so many is timed; a power of two. */
const SAMPLE = 64;

/** Times one in 64: reading the clock for every message would cost more than what it measures. */
export class SampledTime extends Buckets {
  #turn = 0;

  /** When this one began, in monotonic milliseconds; 0 if it is not its turn. */
  begin(): number {
    this.#turn = (this.#turn + 1) & (SAMPLE - 1);
    return this.#turn === 0 ? performance.now() : 0;
  }

  /** Takes what `begin` returned. */
  end(begun: number): void {
    if (begun !== 0) this.add((performance.now() - begun) / 1_000);
  }
}
