import { z } from 'zod';
import { duration } from '../pipeline/units.ts';
import type { Recorder } from '../record/recorder.ts';
import type { Clock } from '../store/clock.ts';
import type { Services } from '../store/services.ts';

export const circuitOptions = z.strictObject({
  failures: z.int().min(1).max(1_000).default(5).describe('In a row; then the provider is left alone.'),
  openFor: duration
    .prefault('10s')
    .refine((ms) => ms >= 100 && ms <= 600_000, 'from 100ms to 10m')
    .describe('How long, at most; a part of up to a half is taken off by chance.'),
});

/** When a circuit opens and for how long, in milliseconds. */
export type CircuitRule = z.infer<typeof circuitOptions>;

/** The circuit is open: nobody was asked. */
export class CircuitOpenError extends Error {
  override readonly name = 'CircuitOpenError';
  /** Milliseconds after which to try again. */
  readonly retryAfter: number;

  constructor(reason: string, retryAfter: number) {
    super(reason);
    this.retryAfter = retryAfter;
  }
}

export interface CircuitParts {
  readonly identity: string;
  /** For the log: who is asked. */
  readonly source: string;
  readonly clock: Clock;
  readonly recorder: Recorder;
  /** From 0 up to 1; gateways that lost one provider together must not return to it together. */
  readonly random?: () => number;
}

/** Closed: everybody may ask. Open: nobody. Half open: one does, and the others wait for what becomes of it. */
export type CircuitState = 'closed' | 'open' | 'half-open';

/** What those are told to wait who come while one is asking, in milliseconds. */
const PROBING = 1_000;

/**
 * A circuit breaker in front of an identity provider: after failures in a row it is left alone for a while, and then one
 * question decides whether it is back. Outlives a reload; the rule is the caller's, so that a new one holds for it.
 */
export class Circuit {
  readonly #parts: CircuitParts;
  #state: CircuitState = 'closed';
  #failures = 0;
  #error = '';
  /** Monotonic milliseconds: when it opened first, and when the next question may pass. */
  #since = 0;
  #until = 0;
  /** One more with each change: what was asked before the last one decides nothing any more. */
  #turn = 0;

  constructor(parts: CircuitParts) {
    this.#parts = parts;
  }

  get state(): CircuitState {
    return this.#state;
  }

  /** Milliseconds until a question may pass; 0 if now. */
  get wait(): number {
    if (this.#state === 'closed') return 0;
    if (this.#state === 'half-open') return PROBING;
    return Math.max(0, Math.ceil(this.#until - this.#parts.clock.monotonic()));
  }

  /** The problem while it is not closed. */
  health(): string | undefined {
    if (this.#state === 'closed') return undefined;
    return `the circuit is ${this.#state}: ${this.#error}`;
  }

  /**
   * Asks, if the circuit lets it. What `ask` throws is a failure of the provider, and is thrown on; it must have a
   * deadline of its own.
   *
   * @throws CircuitOpenError without asking
   */
  async run<T>({ failures, openFor }: CircuitRule, ask: () => Promise<T>): Promise<T> {
    const { wait } = this;
    if (wait > 0) throw new CircuitOpenError(this.health()!, wait);
    if (this.#state === 'open') this.#turnTo('half-open');
    const turn = this.#turn;
    try {
      const answer = await ask();
      if (turn === this.#turn) this.#succeeded();
      return answer;
    } catch (error) {
      if (turn === this.#turn) this.#failed(error, failures, openFor);
      throw error;
    }
  }

  #succeeded(): void {
    this.#failures = 0;
    if (this.#state === 'closed') return;
    this.#turnTo('closed');
    const { identity, source, clock, recorder } = this.#parts;
    recorder.event('circuit.closed', {
      identity,
      source,
      seconds: (clock.monotonic() - this.#since) / 1_000,
    });
  }

  #failed(error: unknown, limit: number, openFor: number): void {
    const { identity, source, clock, recorder, random = Math.random } = this.#parts;
    this.#failures++;
    if (this.#state === 'closed' && this.#failures < limit) return;
    const now = clock.monotonic();
    const pause = openFor * (1 - random() / 2);
    const first = this.#state === 'closed';
    this.#error = error instanceof Error ? error.message : String(error);
    this.#until = now + pause;
    this.#turnTo('open');
    if (!first) return;
    this.#since = now;
    const fields = { identity, source, failures: this.#failures, error: this.#error };
    recorder.event('circuit.opened', { ...fields, seconds: pause / 1_000 });
  }

  #turnTo(state: CircuitState): void {
    this.#state = state;
    this.#turn++;
  }
}

/** The circuit between an identity and its provider: the same one for the same two, across reloads. */
export function circuitOf(identity: string, source: string, services: Services): Circuit {
  const { clock, recorder, shared } = services;
  return shared.get(
    `circuit:${identity}:${source}`,
    () => new Circuit({ identity, source, clock, recorder }),
  );
}
