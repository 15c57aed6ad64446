/** What an entry of the time line is about. */
export type Subject = 'fault' | 'node' | 'event' | 'health' | 'alarm' | 'clients';

/** One line of the time line. */
export interface Entry {
  /** Seconds since the steady load stood. */
  readonly at: number;
  readonly subject: Subject;
  /** Who said it: a node, or nobody. */
  readonly who: string | undefined;
  readonly what: string;
  /** How often it was seen until `until`, if it came again and again. */
  readonly count: number;
  readonly until: number;
}

/** Of these, what comes again within so many seconds is the same line. */
const AGAIN: ReadonlySet<Subject> = new Set(['event', 'clients']);
const SAME = 2;

/** Everything that was injected and seen, in its order. */
export class Chronicle {
  readonly #entries: { -readonly [K in keyof Entry]: Entry[K] }[] = [];
  readonly #latest = new Map<string, { -readonly [K in keyof Entry]: Entry[K] }>();
  #zero: number | undefined;

  /** From now on time counts. What was noted before is forgotten. */
  begin(): void {
    this.#zero = performance.now();
  }

  get begun(): boolean {
    return this.#zero !== undefined;
  }

  /** Seconds; 0 before it has begun. */
  get now(): number {
    return this.#zero === undefined ? 0 : (performance.now() - this.#zero) / 1_000;
  }

  /** `at`: when it was, if not now; in seconds. */
  note(subject: Subject, what: string, who?: string, at = this.now): void {
    if (this.#zero === undefined) return;
    const key = JSON.stringify([subject, who, what]);
    const before = this.#latest.get(key);
    if (before && AGAIN.has(subject) && at - before.until < SAME) {
      before.count++;
      before.until = at;
      return;
    }
    const entry = { at, subject, who, what, count: 1, until: at };
    this.#entries.push(entry);
    this.#latest.set(key, entry);
  }

  get entries(): readonly Entry[] {
    return this.#entries.toSorted((a, b) => a.at - b.at);
  }
}
