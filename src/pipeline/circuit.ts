import type { Clock } from '../store/clock.ts';

/** Closed: everybody may try. Open: nobody. Half open: one does, and the others wait for what becomes of it. */
export type CircuitState = 'closed' | 'open' | 'half-open';

/** When a circuit opens, and for how long. */
export interface CircuitPolicy {
  /** Failures in a row. */
  readonly failures: number;
  /** How long it stays open after so many failures, at most, in milliseconds; up to a half is taken off by chance. */
  longest(failures: number): number;
}

/** A circuit that has just opened. */
export interface Opening {
  readonly failures: number;
  /** Milliseconds. */
  readonly pause: number;
}

/** What those are told to wait who come while one is trying, in milliseconds. */
export const MOMENT = 1_000;

/**
 * The state of a circuit breaker: after failures in a row nobody tries for a while, and then one attempt decides. Who
 * tries, what a failure is and what is said of it is for those who have one.
 */
export class CircuitSwitch {
  readonly #clock: Clock;
  /** From 0 up to 1; those that lost one thing together must not return to it together. */
  readonly #random: () => number;
  #state: CircuitState = 'closed';
  #failures = 0;
  #error = '';
  /** Monotonic milliseconds: when it opened first, and when the next may try. */
  #since = 0;
  #until = 0;
  /** One more with each change: what was begun before the last one decides nothing any more. */
  #turn = 0;

  constructor(clock: Clock, random: () => number = Math.random) {
    this.#clock = clock;
    this.#random = random;
  }

  get state(): CircuitState {
    return this.#state;
  }

  /** Of the failure that opened it last. */
  get error(): string {
    return this.#error;
  }

  /** Milliseconds until somebody may try; 0 if now. */
  get wait(): number {
    if (this.#state === 'closed') return 0;
    if (this.#state === 'half-open') return MOMENT;
    return Math.max(0, Math.ceil(this.#until - this.#clock.monotonic()));
  }

  /** Somebody tries, who does not have to wait. Returns what to say with what becomes of it. */
  begin(): number {
    if (this.#state === 'open') this.#turnTo('half-open');
    return this.#turn;
  }

  /** Returns how long it was open, in milliseconds, if this closes it. */
  succeeded(turn: number): number | undefined {
    if (turn !== this.#turn) return undefined;
    this.#failures = 0;
    if (this.#state === 'closed') return undefined;
    this.#turnTo('closed');
    return this.#clock.monotonic() - this.#since;
  }

  /** Returns the opening if it was closed until now. */
  failed(turn: number, error: string, policy: CircuitPolicy): Opening | undefined {
    if (turn !== this.#turn) return undefined;
    const first = this.#state === 'closed';
    this.#failures++;
    if (first && this.#failures < policy.failures) return undefined;
    const now = this.#clock.monotonic();
    const pause = policy.longest(this.#failures) * (1 - this.#random() / 2);
    this.#error = error;
    this.#until = now + pause;
    this.#turnTo('open');
    if (!first) return undefined;
    this.#since = now;
    return { failures: this.#failures, pause };
  }

  /** Who tried has left without an answer: the next may. */
  abandoned(turn: number): void {
    if (turn === this.#turn && this.#state === 'half-open') this.#turnTo('open');
  }

  #turnTo(state: CircuitState): void {
    this.#state = state;
    this.#turn++;
  }
}
