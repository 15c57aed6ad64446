import type { Handshake } from '../pipeline/handshake.ts';
import {
  type Identification,
  type IdentityContext,
  type IdentityKind,
  isRefused,
  NOT_MINE,
  type Recheck,
} from '../pipeline/identity.ts';
import type { Principal } from '../pipeline/principal.ts';
import { type MaybePromise, type Refused, refuse } from '../pipeline/verdict.ts';
import { BearerIdentity } from './bearer-identity.ts';
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

class IntrospectionIdentity extends BearerIdentity {
  readonly recheck?: Recheck;
  readonly #expected: ExpectedAnswer;
  readonly #client: IntrospectionClient;
  readonly #cache: IntrospectionCache;
  /** Tokens by the principal that they proved, where they will be asked about again: gone with it. */
  readonly #tokens: WeakMap<Principal, string> | undefined;
  /** Questions under way, by the digest of the token: however many bring it, one is asked. */
  readonly #flights = new Map<string, Promise<Verified | Refused>>();

  constructor(name: string, options: IntrospectionOptions, context: IdentityContext) {
    super(name, options, context);
    this.#expected = expectedOf(options);
    this.#client = new IntrospectionClient(name, options, context);
    this.#cache = new IntrospectionCache(this.clock, options.cacheFor);
    if (options.recheck === undefined) return;
    // Outlives a reload, as the sessions do.
    const tokens = context.services.shared.get(
      `identity:${name}:tokens`,
      () => new WeakMap<Principal, string>(),
    );
    this.#tokens = tokens;
    this.recheck = {
      every: options.recheck,
      credentialOf: (principal) => tokens.get(principal),
      takeOver: (principal, token) => void tokens.set(principal, token),
      ask: (principal, handshake) => this.#askAgain(tokens.get(principal), handshake),
    };
  }

  forget(): void {
    this.#cache.forget();
  }

  health(): string | undefined {
    return this.#client.health();
  }

  protected override judge(token: string, handshake: Handshake): MaybePromise<Identification> {
    if (!TOKEN.test(token)) {
      const malformed = refuse('credential_malformed', 'not a token: it has characters that none has');
      return this.bearer.refused(malformed, handshake);
    }
    const known = this.#cache.find(token);
    if (known && !('pass' in known)) return this.#agreed(token, known, handshake);
    const flooded = this.bearer.flooded(handshake);
    if (flooded) return flooded;
    return known ? this.bearer.refused(known, handshake) : this.#ask(token, handshake);
  }

  /** By what the provider said last, if that was a yes and the token has not run out. */
  protected override recall(token: string, handshake: Handshake): Identification {
    const known = this.#cache.last(token);
    return known ? this.#agreed(token, known, handshake) : NOT_MINE;
  }

  async #ask(token: string, handshake: Handshake): Promise<Identification> {
    const found = await this.#answer(token, () => this.bearer.flooded(handshake));
    return 'pass' in found ? this.bearer.refused(found, handshake) : this.#agreed(token, found, handshake);
  }

  /** Whatever is remembered of the token is passed over: it is a moment ago that it was good. */
  async #askAgain(token: string | undefined, handshake: Handshake): Promise<Identification> {
    if (token === undefined) return NOT_MINE;
    const found = await this.#answer(token, () => undefined);
    return 'pass' in found ? found : this.#agreed(token, found, handshake);
  }

  #agreed(token: string, found: Verified, handshake: Handshake): Identification {
    const agreed = this.bearer.agreed(found, handshake);
    if (agreed !== NOT_MINE && !isRefused(agreed)) this.#tokens?.set(agreed, token);
    return agreed;
  }

  #answer(token: string, before: () => Refused | undefined): Promise<Verified | Refused> {
    const digest = digestOf(token);
    let flight = this.#flights.get(digest);
    if (!flight) {
      flight = this.#fly(token, before).finally(() => this.#flights.delete(digest));
      this.#flights.set(digest, flight);
    }
    return flight;
  }

  async #fly(token: string, before: () => Refused | undefined): Promise<Verified | Refused> {
    const asked = this.clock.monotonic();
    const answer = await this.#client.ask(token, before);
    const found = 'pass' in answer ? answer : this.#read(token, answer);
    this.#cache.keep(token, found, asked, 'pass' in answer ? 0 : answer.characters);
    return found;
  }

  #read(token: string, { claims }: Answer): Verified | Refused {
    const times = judgeAnswer(claims, this.#expected, this.clock.now());
    return 'pass' in times ? times : this.bearer.believe(token, claims, times);
  }
}
