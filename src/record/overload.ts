import type { OverloadState } from './overload-states.ts';
import type { Recorder } from './recorder.ts';

/** What the process shows of itself once a second. */
export interface Load {
  /** The longest delay of the event loop in that second, in milliseconds. */
  readonly loopDelay: number;
  /** The part of what the heap may grow to that is in use, from 0 to 1. */
  readonly heap: number;
}

/** At which load each state begins. */
export interface OverloadLimits {
  /** Parts of what the heap may grow to, from 0 to 1. */
  readonly heap: { readonly shrink: number; readonly full: number };
  /** Of the event loop, in milliseconds. */
  readonly delay: number;
}

interface Row {
  readonly state: OverloadState;
  readonly of: (load: Load) => number;
  /** At or over it, it is too much. */
  readonly high: (limits: OverloadLimits) => number;
  /** Below it, it is well again: between the two nothing changes. */
  readonly low: (limits: OverloadLimits) => number;
  /** How many seconds in a row it takes to begin. */
  readonly rounds: number;
}

/** How much emptier the heap must be than where a state begins. */
const RESERVE = 0.05;

/** How many seconds in a row it takes to be well again; and to be late: one pause of the machine is no overload. */
const ROUNDS = 3;

const ROWS: readonly Row[] = [
  // V8 collects before half of what is left is filled: so much heap in use is no garbage, and there is no time to wait.
  {
    state: 'shrinking',
    of: ({ heap }) => heap,
    high: ({ heap }) => heap.shrink,
    low: ({ heap }) => heap.shrink - RESERVE,
    rounds: 1,
  },
  {
    state: 'full',
    of: ({ heap }) => heap,
    high: ({ heap }) => heap.full,
    low: ({ heap }) => heap.full - RESERVE,
    rounds: 1,
  },
  {
    state: 'delayed',
    of: ({ loopDelay }) => loopDelay,
    high: ({ delay }) => delay,
    low: ({ delay }) => delay / 2,
    rounds: ROUNDS,
  },
];

/** Until a configuration says otherwise. */
const DEFAULTS: OverloadLimits = { heap: { shrink: 0.9, full: 0.95 }, delay: 500 };

interface Watch {
  /** When it began, monotonic milliseconds; undefined while it is well. */
  since: number | undefined;
  /** Seconds in a row that speak for a change. */
  rounds: number;
}

/** Tells whether the gateway is short of time or memory, and of which: each shortage is a state of its own. */
export class Overload {
  limits: () => OverloadLimits = () => DEFAULTS;
  /** Called once a second while the heap is to shrink. */
  relieve: () => void = () => {};
  readonly #recorder: Recorder;
  readonly #now: () => number;
  readonly #watches = ROWS.map((): Watch => ({ since: undefined, rounds: 0 }));

  /** `now` is monotonic, in milliseconds. */
  constructor(recorder: Recorder, now: () => number) {
    this.#recorder = recorder;
    this.#now = now;
  }

  /** The states that it is in; none while all is well. */
  get states(): readonly OverloadState[] {
    return ROWS.filter((_, i) => this.#watches[i]!.since !== undefined).map(({ state }) => state);
  }

  /** Whether nobody new is admitted. */
  get closed(): boolean {
    return this.states.some((state) => state !== 'shrinking');
  }

  /** To be told once a second. */
  judge(load: Load): void {
    for (const [i, row] of ROWS.entries()) {
      const watch = this.#watches[i]!;
      if (watch.since === undefined) this.#enter(row, watch, load);
      else this.#leave(row, watch, watch.since, load);
    }
    if (this.states.includes('shrinking')) this.relieve();
  }

  #enter({ state, of, high, rounds }: Row, watch: Watch, load: Load): void {
    const value = of(load);
    const limit = high(this.limits());
    watch.rounds = value >= limit ? watch.rounds + 1 : 0;
    if (watch.rounds < rounds) return;
    watch.since = this.#now();
    watch.rounds = 0;
    this.#recorder.event('overload.entered', { state, value, limit });
  }

  #leave({ state, of, low }: Row, watch: Watch, since: number, load: Load): void {
    watch.rounds = of(load) < low(this.limits()) ? watch.rounds + 1 : 0;
    if (watch.rounds < ROUNDS) return;
    watch.since = undefined;
    watch.rounds = 0;
    this.#recorder.event('overload.left', { state, seconds: (this.#now() - since) / 1_000 });
  }
}
