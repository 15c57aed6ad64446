import type { Recorder } from './recorder.ts';

/** What the process shows of itself once a second. */
export interface Load {
  /** The longest delay of the event loop in that second, in milliseconds. */
  readonly loopDelay: number;
  /** The part of what the heap may grow to that is in use, from 0 to 1. */
  readonly heap: number;
}

interface Limit {
  readonly cause: string;
  /** At or over it, it is too much. */
  readonly high: number;
  /** Below it, it is well again: between the two nothing changes. */
  readonly low: number;
  of(load: Load): number;
}

const LIMITS: readonly Limit[] = [
  { cause: 'event loop', high: 1_000, low: 500, of: ({ loopDelay }) => loopDelay },
  { cause: 'heap', high: 0.9, low: 0.8, of: ({ heap }) => heap },
];

/** How many seconds in a row it takes to change: one pause, of the machine or of a collection, is no overload. */
const ROUNDS = 3;

/**
 * Tells whether the gateway is short of time or memory. It then admits nobody new, which leaves what there is to those
 * who are connected.
 */
export class Overload {
  readonly #recorder: Recorder;
  readonly #now: () => number;
  #limit: Limit | undefined;
  #since = 0;
  /** For each limit, how many seconds in a row it was passed. */
  readonly #rounds = LIMITS.map(() => 0);
  #calm = 0;

  /** `now` is monotonic, in milliseconds. */
  constructor(recorder: Recorder, now: () => number) {
    this.#recorder = recorder;
    this.#now = now;
  }

  /** What there is too little of; undefined while there is enough. */
  get cause(): string | undefined {
    return this.#limit?.cause;
  }

  /** To be told once a second. */
  judge(load: Load): void {
    if (this.#limit) this.#leave(this.#limit, load);
    else for (const [place, limit] of LIMITS.entries()) this.#enter(limit, place, load);
  }

  #enter(limit: Limit, place: number, load: Load): void {
    const value = limit.of(load);
    this.#rounds[place] = value >= limit.high ? this.#rounds[place]! + 1 : 0;
    if (this.#limit || this.#rounds[place] < ROUNDS) return;
    this.#limit = limit;
    this.#since = this.#now();
    this.#calm = 0;
    this.#recorder.event('overload.entered', { cause: limit.cause, value, limit: limit.high });
  }

  #leave({ cause }: Limit, load: Load): void {
    this.#calm = LIMITS.every(({ of, low }) => of(load) < low) ? this.#calm + 1 : 0;
    if (this.#calm < ROUNDS) return;
    this.#limit = undefined;
    this.#rounds.fill(0);
    this.#recorder.event('overload.left', { cause, seconds: (this.#now() - this.#since) / 1_000 });
  }
}
