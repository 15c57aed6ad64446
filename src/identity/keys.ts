import type { KeyObject } from 'node:crypto';
import { type Refused, refuse } from '../pipeline/verdict.ts';
import type { Recorder } from '../record/recorder.ts';
import type { Clock } from '../store/clock.ts';
import type { Algorithm } from './algorithms.ts';
import type { Circuit } from './circuit.ts';
import type { KeySet } from './key-set.ts';

/** Where an identity gets the keys that verify its tokens. */
export interface Keys {
  /** The set in service, if it is young enough to be used without asking anyone. */
  current(): KeySet | undefined;
  /** The set in service, after asking if need be; undefined if none can be had that is not too old. */
  ready(): Promise<KeySet | undefined>;
  /** A set that may know a key id which the one in service does not; the same one if it is too soon to ask again. */
  renewed(): Promise<KeySet | undefined>;
  /** The set that was had last, however old it is: for an emergency, and nothing else. */
  last(): KeySet | undefined;
  /** What is wrong, for the health report; undefined when all is well. */
  health(): string | undefined;
}

/** Keys that came with the configuration; a new file is a reload. */
export function fixedKeys(set: KeySet): Keys {
  const settled = Promise.resolve(set);
  return {
    current: () => set,
    ready: () => settled,
    renewed: () => settled,
    last: () => set,
    health: () => (set.size === 0 ? 'the key set has no usable key' : undefined),
  };
}

/** Keys that may have signed a token, and the set that they are of. */
export interface Candidates {
  readonly set: KeySet;
  /** At least one. */
  readonly keys: readonly KeyObject[];
}

/** What a client is told to wait when keys cannot be had, in milliseconds. */
const RETRY = 5_000;

/** The keys to try for a token, after asking the provider for one that is not known yet; a refusal where there are none. */
export async function findCandidates(
  source: Keys,
  { algorithm, keyId }: { readonly algorithm: Algorithm; readonly keyId: string | undefined },
): Promise<Candidates | Refused> {
  let set = await source.ready();
  if (set?.candidates(algorithm, keyId)?.length === 0) set = await source.renewed();
  return set
    ? candidatesIn(set, { algorithm, keyId })
    : refuse('identity_unavailable', 'the keys of the issuer cannot be had', undefined, RETRY);
}

/** The keys of one set to try for a token. */
export function candidatesIn(
  set: KeySet,
  { algorithm, keyId }: { readonly algorithm: Algorithm; readonly keyId: string | undefined },
): Candidates | Refused {
  const keys = set.candidates(algorithm, keyId);
  if (!keys) return refuse('credential_invalid', 'too many keys could have signed the token');
  return keys.length > 0 ? { set, keys } : refuse('credential_invalid', 'the token names an unknown key');
}

/** When a provider is asked again; milliseconds. */
export interface KeyTimes {
  /** Between two requests, whatever clients send. */
  readonly cooldown: number;
  /** How old a set may be: a key that was withdrawn is refused after this. */
  readonly maxAge: number;
  /** How much longer a set serves while the provider does not answer. */
  readonly staleIfError: number;
}

export interface RemoteKeysParts {
  readonly identity: string;
  /** For the log: the URL that is asked. */
  readonly source: string;
  readonly times: KeyTimes;
  /** Asks the provider. Must have its own deadline. */
  load(): Promise<KeySet>;
  readonly circuit: Circuit;
  readonly clock: Clock;
  readonly recorder: Recorder;
}

/** Failures in a row after which the provider is left alone for a whole cooldown, less what chance takes off. */
const FAILURES = 5;
const FIRST_RETRY = 1_000; // ms; doubled with each failure, up to the cooldown

/**
 * A provider's keys. One request is under way at a time and all wait for it; it is asked when the set is half as old as
 * it may be, behind the back of those who use it, and for an unknown key id, but never twice within the cooldown. The old
 * set serves until a new one has been read in full, and no answer but a new set takes it away.
 */
export class RemoteKeys implements Keys {
  readonly #parts: RemoteKeysParts;
  #set: KeySet | undefined;
  /** When the set in service was asked for, in monotonic milliseconds. */
  #since = 0;
  #flight: Promise<void> | undefined;
  #notBefore = Number.NEGATIVE_INFINITY;
  #failures = 0;
  #error: string | undefined;

  constructor(parts: RemoteKeysParts) {
    this.#parts = parts;
  }

  current(): KeySet | undefined {
    const { maxAge } = this.#parts.times;
    const age = this.#age();
    if (age > maxAge / 2) void this.#refresh();
    return age <= maxAge ? this.#set : undefined;
  }

  async ready(): Promise<KeySet | undefined> {
    const set = this.current();
    if (set) return set;
    await this.#refresh();
    return this.#usable();
  }

  async renewed(): Promise<KeySet | undefined> {
    await this.#refresh();
    return this.#usable();
  }

  last(): KeySet | undefined {
    return this.#set;
  }

  health(): string | undefined {
    const why = this.#trouble();
    if (!this.#set) return why === '' ? 'no keys have been fetched yet' : `no keys${why}`;
    if (!this.#usable()) return `the keys are too old to be used${why}`;
    if (this.#age() > this.#parts.times.maxAge) return `the keys are stale${why}`;
    return this.#set.size === 0 ? 'the key set has no usable key' : undefined;
  }

  #trouble(): string {
    const { state } = this.#parts.circuit;
    if (this.#error === undefined) return '';
    return state === 'closed' ? `: ${this.#error}` : `: ${this.#error} (the circuit is ${state})`;
  }

  #age(): number {
    return this.#set ? this.#parts.clock.monotonic() - this.#since : Number.POSITIVE_INFINITY;
  }

  #usable(): KeySet | undefined {
    const { maxAge, staleIfError } = this.#parts.times;
    return this.#age() <= maxAge + staleIfError ? this.#set : undefined;
  }

  /** Never rejects. */
  #refresh(): Promise<void> {
    if (this.#flight) return this.#flight;
    const begun = this.#parts.clock.monotonic();
    if (begun < this.#notBefore || this.#parts.circuit.wait > 0) return Promise.resolve();
    this.#notBefore = begun + this.#parts.times.cooldown;
    this.#flight = this.#load(begun).finally(() => {
      this.#flight = undefined;
    });
    return this.#flight;
  }

  async #load(begun: number): Promise<void> {
    const { identity, source, circuit, clock, recorder, times } = this.#parts;
    try {
      const rule = { failures: FAILURES, openFor: times.cooldown };
      const set = await circuit.run(rule, () => this.#parts.load());
      // The same text keeps the same set, and with it what was verified with it.
      if (set.digest !== this.#set?.digest) this.#take(set);
      this.#since = begun;
      this.#failures = 0;
      this.#error = undefined;
      recorder.event('keys.refreshed', {
        identity,
        source,
        keys: set.size,
        seconds: (clock.monotonic() - begun) / 1_000,
      });
    } catch (error) {
      this.#error = error instanceof Error ? error.message : String(error);
      this.#notBefore = clock.monotonic() + Math.min(times.cooldown, FIRST_RETRY * 2 ** this.#failures++);
      recorder.event('keys.failed', { identity, source, error: this.#error });
    }
  }

  #take(set: KeySet): void {
    const { identity, source, recorder } = this.#parts;
    this.#set = set;
    for (const reason of set.refused) recorder.event('keys.refused', { identity, source, reason });
  }
}
