import { z } from 'zod';
import { type CircuitState, CircuitSwitch } from '../pipeline/circuit.ts';
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

/**
 * A circuit breaker in front of an identity provider: after failures in a row it is left alone for a while, and then one
 * question decides whether it is back. Outlives a reload; the rule is the caller's, so that a new one holds for it.
 */
export class Circuit {
  readonly #parts: CircuitParts;
  readonly #switch: CircuitSwitch;

  constructor(parts: CircuitParts) {
    this.#parts = parts;
    this.#switch = new CircuitSwitch(parts.clock, parts.random);
  }

  get state(): CircuitState {
    return this.#switch.state;
  }

  /** Milliseconds until a question may pass; 0 if now. */
  get wait(): number {
    return this.#switch.wait;
  }

  /** The problem while it is not closed. */
  health(): string | undefined {
    const { state, error } = this.#switch;
    return state === 'closed' ? undefined : `the circuit is ${state}: ${error}`;
  }

  /**
   * Asks, if the circuit lets it. What `ask` throws is a failure of the provider, and is thrown on; it must have a
   * deadline of its own.
   *
   * @throws CircuitOpenError without asking
   */
  async run<T>(rule: CircuitRule, ask: () => Promise<T>): Promise<T> {
    const { wait } = this;
    if (wait > 0) throw new CircuitOpenError(this.health()!, wait);
    const turn = this.#switch.begin();
    try {
      const answer = await ask();
      this.#succeeded(turn);
      return answer;
    } catch (error) {
      this.#failed(turn, error, rule);
      throw error;
    }
  }

  #succeeded(turn: number): void {
    const open = this.#switch.succeeded(turn);
    if (open === undefined) return;
    const { identity, source, recorder } = this.#parts;
    recorder.event('circuit.closed', { identity, source, seconds: open / 1_000 });
  }

  #failed(turn: number, thrown: unknown, { failures, openFor }: CircuitRule): void {
    const error = thrown instanceof Error ? thrown.message : String(thrown);
    const opening = this.#switch.failed(turn, error, { failures, longest: () => openFor });
    if (!opening) return;
    const { identity, source, recorder } = this.#parts;
    const fields = { identity, source, failures: opening.failures, error };
    recorder.event('circuit.opened', { ...fields, seconds: opening.pause / 1_000 });
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
