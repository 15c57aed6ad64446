import type { Algorithm } from '../identity/algorithms.ts';
import { isCleanText } from '../identity/claims.ts';
import type { JsonObject } from '../identity/strict-json.ts';
import { isDate, readParts, refuseHeader, type UnverifiedToken } from '../identity/token.ts';
import { type NamedEvent, readEvents } from './event-types.ts';
import { fault, type SignalFault } from './fault.ts';

/** RFC 8417 §2.3: what no access or ID token calls itself. */
const TYPES: ReadonlySet<string> = new Set(['application/secevent+jwt']);

/** What an event token must say besides being signed. */
export interface EventTokenRules {
  readonly algorithms: ReadonlySet<string>;
  readonly audience: ReadonlySet<string>;
  /** Milliseconds since `iat`. */
  readonly maxAge: number;
  /** Milliseconds by which clocks may differ. */
  readonly leeway: number;
}

/** What an event token says, once its signature is known to be good. */
export interface Statement {
  /** `jti`. */
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly issuedAt: number;
  readonly events: readonly NamedEvent[];
  readonly claims: JsonObject;
}

/** Who says to have issued it; undefined if it is no token. Not verified: it only says which keys to ask. */
export function issuerOf(text: string): string | undefined {
  const parts = readParts(text);
  return 'pass' in parts || typeof parts.claims.iss !== 'string' ? undefined : parts.claims.iss;
}

/** The cheap checks, which cost no signature: the form, the type and the algorithm (RFC 8417 §2.3, RFC 8725 §3.1). */
export function readEventToken(text: string, { algorithms }: EventTokenRules): UnverifiedToken | SignalFault {
  const parts = readParts(text);
  if ('pass' in parts) return fault('invalid_request', parts.reason);
  const { header, claims } = parts;
  const refused = refuseHeader(header, { algorithms, types: TYPES });
  if (refused) return fault('invalid_request', refused.reason);
  return { text, algorithm: header.alg as Algorithm, keyId: header.kid as string | undefined, claims };
}

/** The claims (RFC 8417 §2.2; Shared Signals Framework 1.0 §4.1), once they are known to be the issuer's. */
export function readStatement(
  claims: JsonObject,
  { audience, maxAge, leeway }: EventTokenRules,
  now: number,
): Statement | SignalFault {
  const { jti, iat } = claims;
  if (![claims.aud].flat().some((each) => typeof each === 'string' && audience.has(each)))
    return fault('invalid_audience', 'its audience (aud) is another one');
  // Both make it look like a token of another kind, and the framework forbids them for that.
  if (claims.exp !== undefined || claims.sub !== undefined)
    return fault('invalid_request', 'an event token has neither exp nor sub');
  if (!isCleanText(jti)) return fault('invalid_request', 'its id (jti) is missing or not a text');
  if (!isDate(iat)) return fault('invalid_request', 'its time (iat) is missing or not a date');
  const issuedAt = iat * 1_000;
  if (issuedAt > now + leeway) return fault('invalid_request', 'it was issued in the future (iat)');
  if (issuedAt < now - maxAge - leeway) return fault('invalid_request', 'it was issued too long ago (iat)');
  const events = readEvents(claims.events);
  if (!events) return fault('invalid_request', 'its events are not an object of a few objects');
  return { id: jti, issuedAt, events, claims };
}

/**
 * Until when credentials are touched by an event, in milliseconds since the epoch: those that were issued in its second
 * or before. Its own time comes first, then that of the token; none is later than now, as the clocks may have it.
 */
export function momentOf(
  { event_timestamp: stamp }: JsonObject,
  { claims: { toe }, issuedAt }: Statement,
  { leeway }: EventTokenRules,
  now: number,
): number | SignalFault {
  const [said] = [stamp, toe, issuedAt / 1_000].filter((each) => each !== undefined);
  if (!isDate(said)) return fault('invalid_request', 'the time of an event is not a date');
  return Math.min((Math.floor(said) + 1) * 1_000, now + leeway);
}
