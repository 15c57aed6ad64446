import type { Refused } from '../pipeline/verdict.ts';
import type { Clock } from '../store/clock.ts';
import { TokenCache } from './token-cache.ts';
import type { Verified } from './verified.ts';

const ACCEPTED = { entries: 8_192, characters: 16 * 1_048_576 };
/** Their own, so that strangers with invented tokens push nobody else's out. */
const REFUSED = { entries: 1_024, characters: 1_048_576 };
const REFUSED_FOR = 2_000; // ms, at most

interface Entry<T> {
  readonly answer: T;
  /** Monotonic milliseconds. */
  readonly until: number;
}

/**
 * What a provider said of tokens a moment ago (RFC 7662 §4). An answer is as old as its question, and a yes is believed
 * neither longer than `cacheFor` nor past `exp`, by whichever of the two clocks comes first. That the provider could not
 * be asked is never kept.
 */
export class IntrospectionCache {
  readonly #clock: Clock;
  readonly #cacheFor: number;
  readonly #accepted = new TokenCache<Entry<Verified>>(ACCEPTED);
  readonly #refused = new TokenCache<Entry<Refused>>(REFUSED);

  /** @param cacheFor In milliseconds; 0 keeps nothing. */
  constructor(clock: Clock, cacheFor: number) {
    this.#clock = clock;
    this.#cacheFor = cacheFor;
  }

  find(token: string): Verified | Refused | undefined {
    const ticks = this.#clock.monotonic();
    const yes = this.#accepted.find(token);
    if (yes && ticks < yes.until && this.#clock.now() < yes.answer.until) return yes.answer;
    const no = this.#refused.find(token);
    return no && ticks < no.until ? no.answer : undefined;
  }

  /** The last yes, however long ago it was: for an emergency, and nothing else. A no takes it away, and so does `exp`. */
  last(token: string): Verified | undefined {
    const yes = this.#accepted.find(token);
    return yes && this.#clock.now() < yes.answer.until ? yes.answer : undefined;
  }

  forget(): void {
    this.#accepted.clear();
    this.#refused.clear();
  }

  /**
   * @param asked When the question was asked, in monotonic milliseconds.
   * @param characters The length of what the provider said.
   */
  keep(token: string, answer: Verified | Refused, asked: number, characters: number): void {
    if ('pass' in answer) this.#keepRefused(token, answer, asked);
    else this.#accepted.keep(token, { answer, until: asked + this.#cacheFor }, characters);
  }

  #keepRefused(token: string, answer: Refused, asked: number): void {
    if (answer.code !== 'credential_invalid' && answer.code !== 'credential_expired') return;
    this.#accepted.drop(token);
    const until = asked + Math.min(this.#cacheFor, REFUSED_FOR);
    this.#refused.keep(token, { answer, until }, answer.reason?.length ?? 0);
  }
}
