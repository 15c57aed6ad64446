import type { Handshake } from '../pipeline/handshake.ts';
import {
  type Identification,
  type IdentityContext,
  type IdentityKind,
  NOT_MINE,
} from '../pipeline/identity.ts';
import { type MaybePromise, type Refused, refuse } from '../pipeline/verdict.ts';
import { BearerIdentity } from './bearer-identity.ts';
import { keysOf } from './jwt-keys.ts';
import { ANY_TYPE, type JwtOptions, jwtOptions } from './jwt-options.ts';
import type { KeySet } from './key-set.ts';
import { type Candidates, candidatesIn, findCandidates, type Keys } from './keys.ts';
import { type Expectations, expectationsOf, verifySignature } from './signature.ts';
import type { JsonObject } from './strict-json.ts';
import { FOREIGN, normalType, readToken, type TokenShape, type UnverifiedToken } from './token.ts';
import { type Verified, VerifiedTokens } from './verified.ts';

/** Signatures under way at once; more would only be a longer queue for the same threads. */
const MAX_VERIFYING = 1_024;
/** What a client is told to wait when the keys cannot be had, in milliseconds. */
const RETRY = 5_000;

/**
 * Access tokens as JSON Web Tokens (RFC 7519, RFC 8725, RFC 9068). A token of another issuer is not ours to judge; every
 * other credential in the places of `tokenFrom` is, and is refused unless it is proved good.
 */
export const jwt: IdentityKind<JwtOptions> = {
  name: 'jwt',
  options: jwtOptions,
  create: (name, options, context) => new JwtIdentity(name, options, context),
};

class JwtIdentity extends BearerIdentity {
  readonly #options: JwtOptions;
  readonly #shape: TokenShape;
  readonly #expectations: Expectations;
  readonly #keys: Keys;
  readonly #verified = new VerifiedTokens();
  #verifying = 0;

  constructor(name: string, options: JwtOptions, context: IdentityContext) {
    super(name, options, context);
    this.#options = options;
    this.#shape = shapeOf(options);
    this.#expectations = expectationsOf(options);
    this.#keys = keysOf(name, options, context);
  }

  async prepare(): Promise<void> {
    await this.#keys.ready();
  }

  forget(): void {
    this.#verified.forget();
  }

  health(): string | undefined {
    return this.#keys.health();
  }

  protected override judge(token: string, handshake: Handshake): MaybePromise<Identification> {
    const now = this.clock.now();
    const keys = this.#keys.current();
    const known = keys && this.#verified.find(token, keys, now);
    if (known) return this.bearer.agreed(known, handshake);

    const read = readToken(token, this.#shape, now);
    if (read === FOREIGN) return NOT_MINE;
    const flooded = this.bearer.flooded(handshake);
    if (flooded) return flooded;
    return 'pass' in read ? this.bearer.refused(read, handshake) : this.#verify(read, handshake);
  }

  /** By the keys that were had last, however old they are. */
  protected override recall(token: string, handshake: Handshake): MaybePromise<Identification> {
    const set = this.#keys.last();
    if (!set) return NOT_MINE;
    const read = readToken(token, this.#shape, this.clock.now());
    return read === FOREIGN || 'pass' in read ? NOT_MINE : this.#verify(read, handshake, set);
  }

  /** @param set The keys to verify with; those in service where absent. */
  async #verify(token: UnverifiedToken, handshake: Handshake, set?: KeySet): Promise<Identification> {
    if (this.#verifying >= MAX_VERIFYING)
      return refuse('identity_flooded', 'too many tokens at once', undefined, RETRY);
    this.#verifying++;
    try {
      const found = set ? candidatesIn(set, token) : await findCandidates(this.#keys, token);
      const verified = 'pass' in found ? found : await this.#verifyWith(found, token);
      return 'pass' in verified
        ? this.bearer.refused(verified, handshake)
        : this.bearer.agreed(verified, handshake);
    } finally {
      this.#verifying--;
    }
  }

  async #verifyWith({ set, keys }: Candidates, token: UnverifiedToken): Promise<Verified | Refused> {
    const now = this.clock.now();
    const signed = await verifySignature(token, keys, this.#expectations, now);
    if ('pass' in signed) return signed;
    const verified = this.#believe(signed.claims, token);
    if (!('pass' in verified)) this.#verified.keep(token.text, set, verified);
    return verified;
  }

  #believe(claims: JsonObject, { text }: UnverifiedToken): Verified | Refused {
    const { leeway, maxTokenAge } = this.#options;
    // Both are numbers: `exp` and, for the age, `iat` have been required.
    const issuedAt = (claims.iat as number) * 1_000;
    const expiresAt = Math.min((claims.exp as number) * 1_000, issuedAt + maxTokenAge) + leeway;
    return this.bearer.believe(text, claims, { expiresAt, issuedAt });
  }
}

function shapeOf({ issuer, algorithms, type, leeway }: JwtOptions): TokenShape {
  const types = [type].flat();
  return {
    issuer,
    algorithms: new Set(algorithms),
    types: types.includes(ANY_TYPE) ? undefined : new Set(types.map(normalType)),
    leeway,
  };
}
