import { hash } from 'node:crypto';
import { type Refused, refuse } from '../pipeline/verdict.ts';
import type { Algorithm } from './algorithms.ts';
import { isObject, type JsonObject, parseObject } from './strict-json.ts';

/** A token whose shape has been read and whose signature has not: nothing in it is true yet. */
export interface UnverifiedToken {
  readonly text: string;
  readonly algorithm: Algorithm;
  readonly keyId: string | undefined;
  readonly claims: JsonObject;
}

/** What a token must look like before anyone computes anything for it. */
export interface TokenShape {
  readonly issuer: string;
  readonly algorithms: ReadonlySet<string>;
  /** Values of `typ` in `normalType` form; undefined accepts any, and none. */
  readonly types: ReadonlySet<string> | undefined;
  /** Milliseconds by which clocks may differ. */
  readonly leeway: number;
}

/** A well-formed token that names another issuer: another identity may know it. */
export const FOREIGN = Symbol('foreign');

const MAX_HEADER = 2_048; // characters of base64url
const MAX_KEY_ID = 256; // characters
const MAX_DATE = 253_402_300_799; // 9999-12-31T23:59:59Z in seconds

/**
 * The cheap checks: three parts of canonical base64url, header and claims as strict JSON, an algorithm from the list, a
 * sane key id, the type, the issuer, and an expiry that has not passed. What fails here costs no signature.
 */
export function readToken(
  text: string,
  shape: TokenShape,
  now: number,
): UnverifiedToken | Refused | typeof FOREIGN {
  const parts = readParts(text);
  if ('pass' in parts) return parts;
  const { header, claims } = parts;
  // Before all else: what another issuer signs with, and calls its tokens, is not ours to judge.
  if (typeof claims.iss === 'string' && claims.iss !== shape.issuer) return FOREIGN;
  return (
    refuseHeader(header, shape) ??
    refuseClaims(claims, shape, now) ?? {
      text,
      algorithm: header.alg as Algorithm,
      keyId: header.kid as string | undefined,
      claims,
    }
  );
}

/** Header and claims of a JWS in compact form (RFC 7515 §7.1) whose claims are an object; nothing in them is true yet. */
export function readParts(
  text: string,
): { readonly header: JsonObject; readonly claims: JsonObject } | Refused {
  const parts = text.split('.');
  if (parts.length !== 3 || !parts.every(isBase64url)) return malformed('it is not three parts of base64url');
  const [head, body] = parts as [string, string, string];
  if (head.length > MAX_HEADER) return malformed(`its header has more than ${MAX_HEADER} characters`);
  const header = parseObject(Buffer.from(head, 'base64url'));
  const claims = parseObject(Buffer.from(body, 'base64url'));
  if (!header || !claims) return malformed('header or claims are not one JSON object with unique members');
  return { header, claims };
}

/**
 * The alphabet of RFC 4648 §5 without padding, in the one form each value has: the last character's unused bits are
 * zero, so that a token has one text. An empty part is not base64url here: an empty signature is never one.
 */
export function isBase64url(part: string): boolean {
  if (!/^[A-Za-z0-9_-]+$/.test(part)) return false;
  const rest = part.length % 4;
  if (rest === 0) return true;
  if (rest === 1) return false;
  return (rest === 2 ? /[AQgw]$/ : /[AEIMQUYcgkosw048]$/).test(part);
}

/** RFC 7515 §4.1.9: a media type, in any case, `application/` left out or not. */
export function normalType(type: string): string {
  const lower = type.toLowerCase();
  return lower.includes('/') ? lower : `application/${lower}`;
}

/** Why a header is not one of those that are expected, before any key is looked for. */
export function refuseHeader(
  header: JsonObject,
  { algorithms, types }: Pick<TokenShape, 'algorithms' | 'types'>,
): Refused | undefined {
  const { alg, kid, typ } = header;
  if (typeof alg !== 'string' || !algorithms.has(alg)) return invalid('its algorithm is not one of the list');
  // No extension of RFC 7515 §4.1.11 is understood, RFC 7797's `b64` included.
  if (header.crit !== undefined || header.b64 !== undefined) return invalid('it has a critical extension');
  if (kid !== undefined && !isKeyId(kid)) return malformed('its key id is not a short, printable text');
  if (types && !(typeof typ === 'string' && types.has(normalType(typ))))
    return invalid('its type (typ) is not the one required');
  return undefined;
}

function isKeyId(kid: unknown): boolean {
  return typeof kid === 'string' && kid.length <= MAX_KEY_ID && /^[\x20-\x7e]+$/.test(kid);
}

function refuseClaims(claims: JsonObject, { leeway }: TokenShape, now: number): Refused | undefined {
  const { exp, nbf, iat } = claims;
  if (!isDate(exp)) return invalid('its expiry (exp) is missing or not a date');
  if ((nbf !== undefined && !isDate(nbf)) || (iat !== undefined && !isDate(iat)))
    return invalid('its nbf or iat is not a date');
  if (exp * 1_000 + leeway <= now) return refuse('credential_expired', 'the token has run out');
  return isOtherKind(claims)
    ? invalid('it is an ID, refresh or event token, not an access token')
    : undefined;
}

/** Seconds since the epoch, before the year 10000. */
export function isDate(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= MAX_DATE;
}

/**
 * Tokens that the same issuer signs for another purpose and that name themselves in their claims: OpenID Connect's hashes,
 * security events (RFC 8417), Keycloak's `typ`, Cognito's and Hydra's `token_use`.
 */
export function isOtherKind(claims: JsonObject): boolean {
  if ('at_hash' in claims || 'c_hash' in claims || isObject(claims.events)) return true;
  if (typeof claims.typ === 'string' && /^(id|refresh|offline|logout)$/i.test(claims.typ)) return true;
  return typeof claims.token_use === 'string' && /^(id|refresh)(_token)?$/.test(claims.token_use);
}

/**
 * For a token without `jti`: its SHA-256, of a JSON Web Token that of what was signed. Unlike the whole text this cannot
 * be varied by anyone but the issuer, so a revocation by it holds.
 */
export function standInForId(token: string): string {
  const signed = isSigned(token) ? token.slice(0, token.lastIndexOf('.')) : token;
  return `sha256:${hash('sha256', signed, 'base64url')}`;
}

/** Whether a text is a JWS in compact form (RFC 7515 §7.1), and not one that merely has dots in it. */
function isSigned(text: string): boolean {
  const parts = text.split('.');
  if (parts.length !== 3 || !parts.every(isBase64url)) return false;
  return typeof parseObject(Buffer.from(parts[0]!, 'base64url'))?.alg === 'string';
}

function malformed(reason: string): Refused {
  return refuse('credential_malformed', `not a token: ${reason}`);
}

function invalid(reason: string): Refused {
  return refuse('credential_invalid', `the token is not accepted: ${reason}`);
}
