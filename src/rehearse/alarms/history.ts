import type { Labels, Sample } from './exposition.ts';
import type { Selector } from './expression.ts';

/** Values of one series, oldest first. */
export interface Series {
  readonly name: string;
  readonly labels: Labels;
  readonly points: { readonly at: number; readonly value: number }[];
}

/** What was scraped so far. Times are milliseconds since the epoch. */
export class History {
  readonly #series = new Map<string, Series>();
  #now = 0;

  /** One round of scrapes. A series that is not among them is gone. */
  add(at: number, samples: readonly Sample[]): void {
    this.#now = at;
    for (const { name, labels, value } of samples) {
      const key = `${name} ${keyOf(labels)}`;
      const series = this.#series.get(key) ?? { name, labels, points: [] };
      this.#series.set(key, series);
      series.points.push({ at, value });
    }
  }

  get now(): number {
    return this.#now;
  }

  /** Series that the selector fits; those that came with the last round. */
  current(selector: Selector): Series[] {
    return this.all(selector).filter(({ points }) => points.at(-1)!.at === this.#now);
  }

  /** Also those that are gone. */
  all({ name, matchers }: Selector): Series[] {
    return [...this.#series.values()].filter(
      (series) =>
        series.name === name && matchers.every(({ label, matches }) => matches(series.labels[label] ?? '')),
    );
  }
}

/** The same for the same labels, in whatever order. */
export function keyOf(labels: Labels): string {
  return JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
}
