import type { Handshake } from '../pipeline/handshake.ts';
import {
  type Identification,
  type Identity,
  type IdentityContext,
  type IdentityKind,
  NOT_MINE,
} from '../pipeline/identity.ts';
import { type MaybePromise, type Refused, refuse } from '../pipeline/verdict.ts';
import type { Clock } from '../store/clock.ts';
import { Bearer } from './bearer.ts';
import { type ExpectedAnswer, expectedOf, judgeAnswer } from './introspection-answer.ts';
import { IntrospectionCache } from './introspection-cache.ts';
import { type Answer, IntrospectionClient } from './introspection-client.ts';
import { type IntrospectionOptions, introspectionOptions } from './introspection-options.ts';
import { digestOf } from './token-cache.ts';
import type { Verified } from './verified.ts';

/** RFC 6750 §2.1. What has another form is no token, and nobody is asked about it. */
const TOKEN = /^[A-Za-z0-9._~+/-]+=*$/;

/**
 * Access tokens that only their issuer can read: it is asked about each one (RFC 7662). Every token in the places of
 * `tokenFrom` is taken for one of its own.
 */
export const introspection: IdentityKind<IntrospectionOptions> = {
  name: 'introspection',
  options: introspectionOptions,
  create: (name, options, context) => new IntrospectionIdentity(name, options, context),
};

class IntrospectionIdentity implements Identity {
  readonly readsTokens = true;
  readonly readsCookie: boolean;
  readonly readsQuery: readonly string[];
  readonly #clock: Clock;
  readonly #bearer: Bearer;
  readonly #expected: ExpectedAnswer;
  readonly #client: IntrospectionClient;
  readonly #cache: IntrospectionCache;
  /** Questions under way, by the digest of the token: however many bring it, one is asked. */
  readonly #flights = new Map<string, Promise<Verified | Refused>>();

  constructor(name: string, options: IntrospectionOptions, context: IdentityContext) {
    this.#clock = context.services.clock;
    this.#bearer = new Bearer(name, options, context.services);
    this.readsCookie = this.#bearer.readsCookie;
    this.readsQuery = this.#bearer.readsQuery;
    this.#expected = expectedOf(options);
    this.#client = new IntrospectionClient(name, options, context);
    this.#cache = new IntrospectionCache(this.#clock, options.cacheFor);
  }

  forget(): void {
    this.#cache.forget();
  }

  health(): string | undefined {
    return this.#client.health();
  }

  identify(handshake: Handshake): MaybePromise<Identification> {
    const token = this.#bearer.find(handshake);
    if (token === undefined) return NOT_MINE;
    if (typeof token === 'object') return token;
    if (!TOKEN.test(token)) {
      const malformed = refuse('credential_malformed', 'not a token: it has characters that none has');
      return this.#bearer.refused(malformed, handshake);
    }
    const known = this.#cache.find(token);
    if (known && !('pass' in known)) return this.#bearer.agreed(known, handshake);
    const flooded = this.#bearer.flooded(handshake);
    if (flooded) return flooded;
    return known ? this.#bearer.refused(known, handshake) : this.#ask(token, handshake);
  }

  /** By what the provider said last, if that was a yes and the token has not run out. */
  lastKnown(handshake: Handshake): Identification {
    const token = this.#bearer.find(handshake);
    const known = typeof token === 'string' ? this.#cache.last(token) : undefined;
    return known ? this.#bearer.agreed(known, handshake) : NOT_MINE;
  }

  async #ask(token: string, handshake: Handshake): Promise<Identification> {
    const digest = digestOf(token);
    let flight = this.#flights.get(digest);
    if (!flight) {
      flight = this.#fly(token, handshake).finally(() => this.#flights.delete(digest));
      this.#flights.set(digest, flight);
    }
    const found = await flight;
    return 'pass' in found ? this.#bearer.refused(found, handshake) : this.#bearer.agreed(found, handshake);
  }

  async #fly(token: string, handshake: Handshake): Promise<Verified | Refused> {
    const asked = this.#clock.monotonic();
    const answer = await this.#client.ask(token, () => this.#bearer.flooded(handshake));
    const found = 'pass' in answer ? answer : this.#judge(token, answer);
    this.#cache.keep(token, found, asked, 'pass' in answer ? 0 : answer.characters);
    return found;
  }

  #judge(token: string, { claims }: Answer): Verified | Refused {
    const times = judgeAnswer(claims, this.#expected, this.#clock.now());
    return 'pass' in times ? times : this.#bearer.believe(token, claims, times);
  }
}
