/** Values below this have a bucket each; above, each doubling of the value has half as many. Three digits are exact. */
const FINE = 2_048;
const HALF = FINE / 2;

/** Filled buckets by index, for another process. */
export type Counts = readonly (readonly [index: number, count: number])[];

/**
 * Counts whole numbers (microseconds, here) in buckets that grow with the value, as HDR histograms do: any quantile is right
 * to a tenth of a percent, and histograms of several processes add up.
 */
export class Histogram {
  readonly #counts = new Map<number, number>();
  #total = 0;
  #largest = 0;

  get total(): number {
    return this.#total;
  }

  record(value: number): void {
    this.#add(indexOf(Math.max(0, Math.round(value))), 1);
    if (value > this.#largest) this.#largest = Math.round(value);
  }

  /** The value that this share of all (0 to 1) does not exceed; 0 if there are none. */
  quantile(share: number): number {
    if (share >= 1) return this.#largest;
    let left = Math.max(1, Math.ceil(share * this.#total));
    for (const index of [...this.#counts.keys()].sort((a, b) => a - b)) {
      left -= this.#counts.get(index)!;
      if (left <= 0) return Math.min(this.#largest, upperOf(index));
    }
    return this.#largest;
  }

  /** What another process has counted is counted here too. */
  merge({ counts, largest }: { readonly counts: Counts; readonly largest: number }): void {
    for (const [index, count] of counts) this.#add(index, count);
    this.#largest = Math.max(this.#largest, largest);
  }

  export(): { readonly counts: Counts; readonly largest: number } {
    return { counts: [...this.#counts], largest: this.#largest };
  }

  copy(): Histogram {
    const copy = new Histogram();
    copy.merge(this.export());
    return copy;
  }

  /** What was recorded since this copy was taken; the largest of it is exact to its bucket. */
  since(before: Histogram): Histogram {
    const news = new Histogram();
    for (const [index, count] of this.#counts) {
      const more = count - (before.#counts.get(index) ?? 0);
      if (more === 0) continue;
      news.#add(index, more);
      news.#largest = Math.max(news.#largest, Math.min(this.#largest, upperOf(index)));
    }
    return news;
  }

  #add(index: number, count: number): void {
    this.#counts.set(index, (this.#counts.get(index) ?? 0) + count);
    this.#total += count;
  }
}

function indexOf(value: number): number {
  if (value < FINE) return value;
  const shift = Math.floor(Math.log2(value)) - 10;
  return FINE + (shift - 1) * HALF + Math.floor(value / 2 ** shift) - HALF;
}

/** The largest value of a bucket. */
function upperOf(index: number): number {
  if (index < FINE) return index;
  const shift = Math.floor((index - FINE) / HALF) + 1;
  const within = ((index - FINE) % HALF) + HALF;
  return (within + 1) * 2 ** shift - 1;
}
