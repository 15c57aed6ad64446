import type { KeyObject } from 'node:crypto';
import { compactVerify, errors, type JWTVerifyOptions, jwtVerify } from 'jose';
import { type Refused, refuse } from '../pipeline/verdict.ts';
import type { JwtOptions } from './jwt-options.ts';
import type { JsonObject } from './strict-json.ts';
import type { UnverifiedToken } from './token.ts';

/** What a token must say, besides being signed; made once, at load. */
export type Expectations = Omit<JWTVerifyOptions, 'currentDate'>;

export function expectationsOf(options: JwtOptions): Expectations {
  return {
    algorithms: options.algorithms,
    issuer: options.issuer,
    audience: options.audience,
    clockTolerance: options.leeway / 1_000,
    maxTokenAge: options.maxTokenAge / 1_000,
    requiredClaims: ['exp'],
  };
}

/**
 * The claims, once one of the keys has been found to have signed them and they say what is expected. The keys are few
 * (see KeySet), and only a signature that does not fit leads to the next one.
 */
export async function verifySignature(
  token: UnverifiedToken,
  keys: readonly KeyObject[],
  expectations: Expectations,
  now: number,
): Promise<{ readonly claims: JsonObject } | Refused> {
  const options = { ...expectations, currentDate: new Date(now) };
  for (const key of keys) {
    try {
      return { claims: (await jwtVerify(token.text, key, options)).payload };
    } catch (error) {
      if (!(error instanceof errors.JWSSignatureVerificationFailed)) return refusalOf(error);
    }
  }
  return refuse('credential_invalid', 'no key of the issuer made this signature');
}

/** Whether one of the keys, which are few, has signed it, whatever it says. */
export async function isSignedBy(
  { text, algorithm }: UnverifiedToken,
  keys: readonly KeyObject[],
): Promise<boolean> {
  for (const key of keys) {
    try {
      await compactVerify(text, key, { algorithms: [algorithm] });
      return true;
    } catch (error) {
      if (!(error instanceof errors.JOSEError)) throw error;
    }
  }
  return false;
}

/** Of what jose says, only which claim it was: its messages are not ours to promise. */
function refusalOf(error: unknown): Refused {
  if (error instanceof errors.JWTExpired) {
    return refuse('credential_expired', `the token has run out (${error.claim})`);
  }
  if (error instanceof errors.JWTClaimValidationFailed)
    return refuse('credential_invalid', `the token is not accepted: its ${error.claim} is ${error.reason}`);
  if (error instanceof errors.JOSEError) return refuse('credential_invalid', `not accepted: ${error.code}`);
  throw error;
}
