import { hash } from 'node:crypto';
import type { Handshake } from '../pipeline/handshake.ts';
import {
  type Identification,
  type Identity,
  type IdentityContext,
  type IdentityKind,
  NOT_MINE,
} from '../pipeline/identity.ts';
import { type MaybePromise, type Refused, refuse } from '../pipeline/verdict.ts';
import { networkOf } from '../store/network.ts';
import type { Services } from '../store/services.ts';
import { Attempts } from './attempts.ts';
import { boundTo, disagrees, holdsCertificate } from './binding.ts';
import { claimMapper, isCleanText } from './claims.ts';
import { keysOf } from './jwt-keys.ts';
import { ANY_TYPE, type JwtOptions, jwtOptions } from './jwt-options.ts';
import type { Keys } from './keys.ts';
import { freezePrincipal } from './principal.ts';
import { type Expectations, expectationsOf, verifySignature } from './signature.ts';
import type { JsonObject } from './strict-json.ts';
import { FOREIGN, normalType, readToken, type TokenShape, type UnverifiedToken } from './token.ts';
import { type TokenFinder, tokenFinder } from './token-source.ts';
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

class JwtIdentity implements Identity {
  readonly readsCookie: boolean;
  readonly readsQuery: readonly string[];
  readonly #name: string;
  readonly #options: JwtOptions;
  readonly #services: Services;
  readonly #finder: TokenFinder;
  readonly #shape: TokenShape;
  readonly #expectations: Expectations;
  readonly #map: ReturnType<typeof claimMapper>;
  readonly #keys: Keys;
  readonly #verified = new VerifiedTokens();
  readonly #bad: Attempts;
  #verifying = 0;

  constructor(name: string, options: JwtOptions, context: IdentityContext) {
    this.#name = name;
    this.#options = options;
    this.#services = context.services;
    this.#finder = tokenFinder(options.tokenFrom);
    this.readsCookie = this.#finder.readsCookie;
    this.readsQuery = this.#finder.readsQuery;
    this.#shape = shapeOf(options);
    this.#expectations = expectationsOf(options);
    this.#map = claimMapper(options.claims);
    this.#keys = keysOf(name, options, context);
    const { shared, clock } = context.services;
    this.#bad = shared.get(`identity:${name}:bad-tokens`, () => new Attempts(clock));
  }

  async prepare(): Promise<void> {
    await this.#keys.ready();
  }

  health(): string | undefined {
    return this.#keys.health();
  }

  identify(handshake: Handshake): MaybePromise<Identification> {
    const token = this.#finder.find(handshake);
    if (token === undefined) return NOT_MINE;
    if (typeof token === 'object') return this.#refused(token, handshake);
    if (token.length > this.#options.maxTokenBytes)
      return this.#refused(refuse('credential_malformed', 'the token is too long'), handshake);

    const now = this.#services.clock.now();
    const keys = this.#keys.current();
    const known = keys && this.#verified.find(token, keys, now);
    if (known) return this.#agreed(known, handshake);

    const read = readToken(token, this.#shape, now);
    if (read === FOREIGN) return NOT_MINE;
    const wait = this.#bad.wait(networkOf(handshake.address), this.#options.badTokens);
    if (wait > 0) return refuse('identity_flooded', 'too many bad tokens from this address', undefined, wait);
    return 'pass' in read ? this.#refused(read, handshake) : this.#verify(read, handshake);
  }

  async #verify(token: UnverifiedToken, handshake: Handshake): Promise<Identification> {
    if (this.#verifying >= MAX_VERIFYING)
      return refuse('identity_flooded', 'too many tokens at once', undefined, RETRY);
    this.#verifying++;
    try {
      const verified = await this.#verifyWithKeys(token);
      return 'pass' in verified ? this.#refused(verified, handshake) : this.#agreed(verified, handshake);
    } finally {
      this.#verifying--;
    }
  }

  async #verifyWithKeys(token: UnverifiedToken): Promise<Verified | Refused> {
    const { algorithm, keyId } = token;
    let keys = await this.#keys.ready();
    let candidates = keys?.candidates(algorithm, keyId);
    if (candidates?.length === 0) {
      keys = await this.#keys.renewed();
      candidates = keys?.candidates(algorithm, keyId);
    }
    if (!keys)
      return refuse('identity_unavailable', 'the keys of the issuer cannot be had', undefined, RETRY);
    if (!candidates) return refuse('credential_invalid', 'too many keys could have signed the token');
    if (candidates.length === 0) return refuse('credential_invalid', 'the token names an unknown key');

    const now = this.#services.clock.now();
    const signed = await verifySignature(token, candidates, this.#expectations, now);
    if ('pass' in signed) return signed;
    const verified = this.#believe(signed.claims, token);
    if (!('pass' in verified)) this.#verified.keep(token.text, keys, verified);
    return verified;
  }

  /** What follows from claims that have been verified. */
  #believe(claims: JsonObject, token: UnverifiedToken): Verified | Refused {
    const certificate = boundTo(claims);
    if (typeof certificate === 'object') return certificate;
    const mapped = this.#map(claims);
    if ('pass' in mapped) return mapped;
    if (claims.jti !== undefined && !isCleanText(claims.jti))
      return refuse('credential_invalid', 'the token id (jti) is not a text that can be used');

    const { leeway, maxTokenAge } = this.#options;
    // Both are numbers: `exp` and, for the age, `iat` have been required.
    const issuedAt = (claims.iat as number) * 1_000;
    const expiresAt = Math.min((claims.exp as number) * 1_000, issuedAt + maxTokenAge) + leeway;
    const tokenId = claims.jti ?? standInForId(token.text);
    const principal = freezePrincipal({
      identity: this.#name,
      ...mapped,
      claims,
      expiresAt,
      issuedAt,
      tokenId,
    });
    return { principal, until: expiresAt, certificate };
  }

  /** The last checks, of what this one connection brings beside the token. */
  #agreed({ principal, certificate }: Verified, handshake: Handshake): Identification {
    const refused = disagrees(principal.subject, handshake, this.#options);
    if (refused) return this.#refused(refused, handshake);
    if (certificate === undefined) return principal;
    if (!holdsCertificate(handshake, certificate)) {
      const why = 'the token is bound to another client certificate than the one presented';
      return this.#refused(refuse('credential_invalid', why), handshake);
    }
    const { serial, notAfter } = handshake.tls.certificate!;
    const expiresAt = Math.min(principal.expiresAt!, notAfter);
    return freezePrincipal({ ...principal, certificateSerial: serial, expiresAt });
  }

  /** Counts a bad token against its address. One that has merely run out is what a good client has after a night. */
  #refused(refusal: Refused, { address }: Handshake): Refused {
    if (refusal.code === 'credential_expired' || refusal.code === 'identity_unavailable') return refusal;
    const { badTokens } = this.#options;
    const holder = networkOf(address);
    this.#bad.charge(holder, badTokens);
    const wait = this.#bad.wait(holder, badTokens);
    if (wait > 0) {
      const fields = { identity: this.#name, address, reason: 'too many bad tokens', seconds: wait / 1_000 };
      this.#services.recorder.event('identity.locked', fields);
    }
    return refusal;
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

/**
 * For a token without `jti`: the SHA-256 of what was signed. Unlike the token's whole text it cannot be varied by anyone
 * but the issuer, so a revocation by it holds.
 */
function standInForId(token: string): string {
  return `sha256:${hash('sha256', token.slice(0, token.lastIndexOf('.')), 'base64url')}`;
}
