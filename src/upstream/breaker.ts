import { type Refused, refuse } from '../pipeline/verdict.ts';
import type { Recorder } from '../record/recorder.ts';
import type { Clock } from '../store/clock.ts';
import type { Services } from '../store/services.ts';

/** So many connections in a row that could not be made open the circuit. */
export const FAILURES = 5;

/** How long it is left alone at first, which doubles with each attempt in vain, and at most, in milliseconds. */
export const OPEN = { first: 500, longest: 5_000 } as const;

/** How many upgrades of one route may wait for their upstream at once. */
export const MAX_DIALLING = 1_000;

/** What those are told to wait who come while one is trying, or while too many wait, in milliseconds. */
const MOMENT = 1_000;

/** One attempt to connect, which says what becomes of it. */
export interface Attempt {
  /** TCP, and TLS where there is some, stand: the upstream is there, whatever it answers. */
  connected(): void;
  /** It is over. With an `error` that no client can have caused, if it was never connected. */
  over(error?: string): void;
}

export interface BreakerParts {
  readonly route: string;
  /** For the log: `backend.internal:9000`. */
  readonly upstream: string;
  readonly clock: Clock;
  readonly recorder: Recorder;
  /** From 0 up to 1; gateways that lost one upstream together must not return to it together. */
  readonly random?: () => number;
}

/** Closed: everybody dials. Open: nobody. Half open: one does, and the others are refused meanwhile. */
export type BreakerState = 'closed' | 'open' | 'half-open';

/**
 * A circuit breaker before the upstream of a route: after connections in a row that could not be made it is left alone
 * for a while, and then one dial decides whether it is back. What it answers to an upgrade counts for nothing, because a
 * client can bring that about, and must not close the door for others. Outlives a reload.
 */
export class Breaker {
  readonly #parts: BreakerParts;
  #state: BreakerState = 'closed';
  #failures = 0;
  #dialling = 0;
  #error = '';
  /** Monotonic milliseconds: when it opened first, and when the next may try. */
  #since = 0;
  #until = 0;
  /** One more with each change: what was begun before the last one decides nothing any more. */
  #turn = 0;

  constructor(parts: BreakerParts) {
    this.#parts = parts;
  }

  get state(): BreakerState {
    return this.#state;
  }

  /** The problem while it is not closed. */
  health(): string | undefined {
    return this.#state === 'closed' ? undefined : `${this.#parts.upstream} cannot be reached: ${this.#error}`;
  }

  /** Whether somebody may dial now. Who may says `over` in any case. */
  admit(): Attempt | Refused {
    const wait = this.#wait();
    if (wait > 0) return refuse('upstream_away', this.health()!, undefined, wait);
    if (this.#dialling >= MAX_DIALLING)
      return refuse('upstream_away', `${MAX_DIALLING} wait for it already`, undefined, MOMENT);
    if (this.#state === 'open') this.#turnTo('half-open');
    return this.#attempt(this.#turn);
  }

  #attempt(turn: number): Attempt {
    this.#dialling++;
    let pending = true;
    return {
      connected: () => {
        pending = false;
        if (turn === this.#turn) this.#succeeded();
      },
      over: (error) => {
        this.#dialling--;
        if (!pending || turn !== this.#turn) return;
        if (error !== undefined) this.#failed(error);
        else if (this.#state === 'half-open') this.#turnTo('open'); // the one that tried has left: the next may
      },
    };
  }

  #wait(): number {
    if (this.#state === 'closed') return 0;
    if (this.#state === 'half-open') return MOMENT;
    return Math.max(0, Math.ceil(this.#until - this.#parts.clock.monotonic()));
  }

  #succeeded(): void {
    this.#failures = 0;
    if (this.#state === 'closed') return;
    this.#turnTo('closed');
    const { route, upstream, clock, recorder } = this.#parts;
    recorder.event('upstream.back', { route, upstream, seconds: (clock.monotonic() - this.#since) / 1_000 });
  }

  #failed(error: string): void {
    const { route, upstream, clock, recorder, random = Math.random } = this.#parts;
    this.#failures++;
    if (this.#failures < FAILURES) return;
    const now = clock.monotonic();
    const longest = Math.min(OPEN.longest, OPEN.first * 2 ** (this.#failures - FAILURES));
    const pause = longest * (1 - random() / 2);
    const first = this.#state === 'closed';
    this.#error = error;
    this.#until = now + pause;
    this.#turnTo('open');
    if (!first) return;
    this.#since = now;
    recorder.event('upstream.lost', {
      route,
      upstream,
      failures: this.#failures,
      error,
      seconds: pause / 1_000,
    });
  }

  #turnTo(state: BreakerState): void {
    this.#state = state;
    this.#turn++;
  }
}

/** The breaker between a route and its upstream: the same one for the same two, across reloads. */
export function breakerOf(
  route: string,
  { protocol, host }: URL,
  { clock, recorder, shared }: Services,
): Breaker {
  return shared.get(
    `breaker:${route}:${protocol}//${host}`,
    () => new Breaker({ route, upstream: host, clock, recorder }),
  );
}
