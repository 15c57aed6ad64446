import { type Refused, refuse } from '../pipeline/verdict.ts';
import type { TokenTimes } from './bearer.ts';
import { ANY_TOKEN_TYPE, type IntrospectionOptions } from './introspection-options.ts';
import type { JsonObject } from './strict-json.ts';
import { isDate, isOtherKind } from './token.ts';

/** What an answer must say beside `active`; undefined where the configuration leaves it to the provider. */
export interface ExpectedAnswer {
  readonly issuer: string | undefined;
  readonly audience: ReadonlySet<string> | undefined;
  readonly clients: ReadonlySet<string> | undefined;
  /** In lower case. */
  readonly types: ReadonlySet<string> | undefined;
  /** For a token without `exp`, in milliseconds from now. */
  readonly maxAge: number | undefined;
}

/** Reads what an answer must say out of the options, once, at load. */
export function expectedOf(options: IntrospectionOptions): ExpectedAnswer {
  const { issuer, audience, clients, type, maxAge } = options;
  const types = [type].flat();
  return {
    issuer,
    audience: setOf(audience),
    clients: setOf(clients),
    types: types.includes(ANY_TOKEN_TYPE) ? undefined : new Set(types.map((each) => each.toLowerCase())),
    maxAge,
  };
}

function setOf(names: string | readonly string[] | undefined): ReadonlySet<string> | undefined {
  return names === undefined ? undefined : new Set([names].flat());
}

/**
 * Whether an answer (RFC 7662 §2.2) vouches for the token that was asked about, for us, now. Only `active: true` does;
 * a member that is missing where it is expected, or of another type, is a no.
 *
 * @param now Wall time in milliseconds.
 */
export function judgeAnswer(answer: JsonObject, expected: ExpectedAnswer, now: number): TokenTimes | Refused {
  if (answer.active === false) return invalid('it is not active');
  if (answer.active !== true) return invalid('the answer does not say whether it is active');
  return refuseHolder(answer, expected) ?? timesOf(answer, expected.maxAge, now);
}

function refuseHolder(answer: JsonObject, expected: ExpectedAnswer): Refused | undefined {
  const { iss, aud, client_id: client, token_type: type } = answer;
  const { issuer, audience, clients, types } = expected;
  if (types && !(typeof type === 'string' && types.has(type.toLowerCase())))
    return invalid('its type (token_type) is not the one required');
  if (isOtherKind(answer)) return invalid('it is an ID, refresh or event token, not an access token');
  if (issuer !== undefined && iss !== issuer) return invalid('its issuer is not the one required');
  if (clients && !(typeof client === 'string' && clients.has(client)))
    return invalid('its client is not one of those that may come');
  if (audience && ![aud].flat().some((each) => typeof each === 'string' && audience.has(each)))
    return invalid('it is for another audience');
  return undefined;
}

/** No leeway: what the provider said in this moment, it said by its own clock, and after `exp` it would say no. */
function timesOf(
  { exp, iat, nbf }: JsonObject,
  maxAge: number | undefined,
  now: number,
): TokenTimes | Refused {
  const dates = [exp, iat, nbf].filter((date) => date !== undefined);
  if (!dates.every(isDate)) return invalid('its exp, iat or nbf is not a date');
  const expiresAt = exp === undefined ? maxAge && now + maxAge : (exp as number) * 1_000;
  if (expiresAt === undefined) return invalid('its expiry (exp) is missing');
  if (expiresAt <= now) return refuse('credential_expired', 'the token has run out');
  return { expiresAt, issuedAt: iat === undefined ? undefined : (iat as number) * 1_000 };
}

function invalid(reason: string): Refused {
  return refuse('credential_invalid', `the token is not accepted: ${reason}`);
}
