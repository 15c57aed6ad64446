import { type CircuitPolicy, type CircuitState, CircuitSwitch, MOMENT } from '../pipeline/circuit.ts';
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

const POLICY: CircuitPolicy = {
  failures: FAILURES,
  longest: (failures) => Math.min(OPEN.longest, OPEN.first * 2 ** (failures - FAILURES)),
};

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

/**
 * A circuit breaker before the upstream of a route: after connections in a row that could not be made it is left alone
 * for a while, and then one dial decides whether it is back. What it answers to an upgrade counts for nothing, because a
 * client can bring that about, and must not close the door for others. Outlives a reload.
 */
export class Breaker {
  readonly #parts: BreakerParts;
  readonly #switch: CircuitSwitch;
  #dialling = 0;

  constructor(parts: BreakerParts) {
    this.#parts = parts;
    this.#switch = new CircuitSwitch(parts.clock, parts.random);
  }

  get state(): CircuitState {
    return this.#switch.state;
  }

  /** The problem while it is not closed. */
  health(): string | undefined {
    const { state, error } = this.#switch;
    return state === 'closed' ? undefined : `${this.#parts.upstream} cannot be reached: ${error}`;
  }

  /** Whether somebody may dial now. Who may says `over` in any case. */
  admit(): Attempt | Refused {
    const { wait } = this.#switch;
    if (wait > 0) return refuse('upstream_away', this.health()!, undefined, wait);
    if (this.#dialling >= MAX_DIALLING)
      return refuse('upstream_away', `${MAX_DIALLING} wait for it already`, undefined, MOMENT);
    return this.#attempt(this.#switch.begin());
  }

  #attempt(turn: number): Attempt {
    this.#dialling++;
    let pending = true;
    return {
      connected: () => {
        pending = false;
        this.#succeeded(turn);
      },
      over: (error) => {
        this.#dialling--;
        if (!pending) return;
        if (error !== undefined) this.#failed(turn, error);
        else this.#switch.abandoned(turn);
      },
    };
  }

  #succeeded(turn: number): void {
    const open = this.#switch.succeeded(turn);
    if (open === undefined) return;
    const { route, upstream, recorder } = this.#parts;
    recorder.event('upstream.back', { route, upstream, seconds: open / 1_000 });
  }

  #failed(turn: number, error: string): void {
    const opening = this.#switch.failed(turn, error, POLICY);
    if (!opening) return;
    const { route, upstream, recorder } = this.#parts;
    const fields = { route, upstream, failures: opening.failures, error };
    recorder.event('upstream.lost', { ...fields, seconds: opening.pause / 1_000 });
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
