import { z } from 'zod';
import type { Handshake } from '../pipeline/handshake.ts';
import type { Identification } from '../pipeline/identity.ts';
import { type Rate, rate, size } from '../pipeline/units.ts';
import { type Refused, refuse } from '../pipeline/verdict.ts';
import { networkOf } from '../store/network.ts';
import type { Services } from '../store/services.ts';
import { Attempts } from './attempts.ts';
import { boundTo, disagrees, holdsCertificate } from './binding.ts';
import { selector } from './certificate-fields.ts';
import { type ClaimMapping, claimMapper, claimMapping, isCleanText } from './claims.ts';
import { freezePrincipal } from './principal.ts';
import type { JsonObject } from './strict-json.ts';
import { standInForId } from './token.ts';
import { type TokenFinder, tokenFinder, tokenSource } from './token-source.ts';
import type { Verified } from './verified.ts';

/** What every identity that takes bearer tokens (RFC 6750) may say, whoever judges them. */
export const bearerOptions = {
  tokenFrom: z
    .array(tokenSource)
    .min(1)
    .default(['header'])
    .describe('Where tokens may stand; two different ones in one request refuse.'),
  claims: claimMapping.prefault({}).describe('Which claim becomes what: dotted paths or JSON Pointers.'),
  maxTokenBytes: size.prefault('8KiB').describe('A longer token is not looked at.'),
  badTokens: rate
    .prefault('30/m')
    .describe('From one address; beyond, only tokens seen before are accepted for a while.'),
  matchPath: z.boolean().default(false).describe('The subject must be the last part of the path.'),
  certificateSubject: selector
    .optional()
    .describe('What a client certificate, if there is one, must share with the subject: `san.uri`.'),
};

export interface BearerOptions {
  readonly tokenFrom: readonly string[];
  readonly claims: ClaimMapping;
  readonly maxTokenBytes: number;
  readonly badTokens: Rate;
  readonly matchPath: boolean;
  readonly certificateSubject?: string | undefined;
}

/** When a token was issued and runs out, in milliseconds since the epoch. */
export interface TokenTimes {
  readonly expiresAt: number;
  readonly issuedAt: number | undefined;
}

/**
 * What is the same for every bearer token: where it stands, how many bad ones an address may bring, and who follows from
 * claims that are proved true.
 */
export class Bearer {
  readonly #name: string;
  readonly #options: BearerOptions;
  readonly #services: Services;
  readonly #finder: TokenFinder;
  readonly #map: ReturnType<typeof claimMapper>;
  readonly #bad: Attempts;

  constructor(name: string, options: BearerOptions, services: Services) {
    const { shared, clock } = services;
    this.#name = name;
    this.#options = options;
    this.#services = services;
    this.#finder = tokenFinder(options.tokenFrom);
    this.#map = claimMapper(options.claims);
    this.#bad = shared.get(`identity:${name}:bad-tokens`, () => new Attempts(clock));
  }

  get readsCookie(): boolean {
    return this.#finder.readsCookie;
  }

  get readsQuery(): readonly string[] {
    return this.#finder.readsQuery;
  }

  /** The token of a handshake; a refusal, already counted, if there are two or it is too long; undefined if there is none. */
  find(handshake: Handshake): string | Refused | undefined {
    const token = handshake.presented ?? this.#finder.find(handshake);
    if (typeof token === 'object') return this.refused(token, handshake);
    if (token === undefined || token.length <= this.#options.maxTokenBytes) return token;
    return this.refused(refuse('credential_malformed', 'the token is too long'), handshake);
  }

  /** A refusal for whoever has brought too many bad tokens to have another one looked at. */
  flooded({ address }: Handshake): Refused | undefined {
    const wait = this.#bad.wait(networkOf(address), this.#options.badTokens);
    if (wait === 0) return undefined;
    return refuse('identity_flooded', 'too many bad tokens from this address', undefined, wait);
  }

  /** Counts a bad token against its address. One that has merely run out is what a good client has after a night. */
  refused(refusal: Refused, { address }: Handshake): Refused {
    const innocent = ['credential_expired', 'identity_unavailable', 'identity_flooded'];
    if (innocent.includes(refusal.code)) return refusal;
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

  /** What follows from claims that have been proved true. */
  believe(token: string, claims: JsonObject, { expiresAt, issuedAt }: TokenTimes): Verified | Refused {
    const certificate = boundTo(claims);
    if (typeof certificate === 'object') return certificate;
    const mapped = this.#map(claims);
    if ('pass' in mapped) return mapped;
    if (claims.jti !== undefined && !isCleanText(claims.jti))
      return refuse('credential_invalid', 'the token id (jti) is not a text that can be used');
    const principal = freezePrincipal({
      identity: this.#name,
      ...mapped,
      claims,
      expiresAt,
      ...(issuedAt !== undefined && { issuedAt }),
      tokenId: claims.jti ?? standInForId(token),
    });
    return { principal, until: expiresAt, certificate };
  }

  /** The last checks, of what this one connection brings beside the token. */
  agreed({ principal, certificate }: Verified, handshake: Handshake): Identification {
    const refused = disagrees(principal.subject, handshake, this.#options);
    if (refused) return this.refused(refused, handshake);
    if (certificate === undefined) return principal;
    if (!holdsCertificate(handshake, certificate)) {
      const why = 'the token is bound to another client certificate than the one presented';
      return this.refused(refuse('credential_invalid', why), handshake);
    }
    const { serial, notAfter } = handshake.tls.certificate!;
    const expiresAt = Math.min(principal.expiresAt!, notAfter);
    return freezePrincipal({ ...principal, certificateSerial: serial, expiresAt });
  }
}
