import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import type { JwtOptions } from '../../src/identity/jwt-options.ts';

export const ISSUER = 'https://id.example.com';
export const AUDIENCE = 'chat';

/** A key pair that an issuer might have. */
export interface Signer {
  readonly keyId: string;
  readonly algorithm: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  /** As it stands in a key set. */
  readonly jwk: Record<string, unknown>;
}

/** A new P-256 pair for ES256. */
export function newSigner(keyId = 'k1'): Signer {
  return signerOf(keyId, 'ES256', generateKeyPairSync('ec', { namedCurve: 'P-256' }));
}

export function newRsaSigner(keyId = 'r1', modulusLength = 2_048, publicExponent = 65_537): Signer {
  return signerOf(keyId, 'RS256', generateKeyPairSync('rsa', { modulusLength, publicExponent }));
}

export function newEdSigner(keyId = 'e1'): Signer {
  return signerOf(keyId, 'EdDSA', generateKeyPairSync('ed25519'));
}

function signerOf(
  keyId: string,
  algorithm: string,
  { privateKey, publicKey }: { privateKey: KeyObject; publicKey: KeyObject },
): Signer {
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid: keyId, alg: algorithm, use: 'sig' };
  return { keyId, algorithm, privateKey, publicKey, jwk };
}

export function keySetText(...signers: readonly Signer[]): string {
  return JSON.stringify({ keys: signers.map((signer) => signer.jwk) });
}

/** The claims of a good token: fifteen minutes to live. `undefined` takes a claim away. */
export function claimsOf(changes: Record<string, unknown> = {}, now: number = Date.now()): object {
  const iat = Math.floor(now / 1_000);
  return { iss: ISSUER, aud: AUDIENCE, sub: 'ada', iat, exp: iat + 900, jti: 't-1', ...changes };
}

/** Signs by hand, so that header and claims can be anything at all: a text is taken as it is. */
export function tokenOf(
  signer: Signer,
  claims: object | string = claimsOf(),
  header: Record<string, unknown> | string = {},
): string {
  const whole =
    typeof header === 'string'
      ? header
      : { alg: signer.algorithm, typ: 'at+jwt', kid: signer.keyId, ...header };
  const input = `${encode(whole)}.${encode(claims)}`;
  return `${input}.${signatureOf(signer, input).toString('base64url')}`;
}

/** The raw signature (IEEE P1363 for ECDSA, RFC 7518 §3.4). */
export function signatureOf(signer: Signer, input: string): Buffer {
  const digest = signer.algorithm === 'EdDSA' ? null : 'sha256';
  return sign(digest, Buffer.from(input), { key: signer.privateKey, dsaEncoding: 'ieee-p1363' });
}

export function encode(part: object | string): string {
  return Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url');
}

/** Options of a `jwt` identity whose keys are in the file `keys.json`; it is patient with bad tokens. */
export function jwtOptionsOf(changes: Partial<Record<keyof JwtOptions, unknown>> = {}): object {
  return {
    issuer: ISSUER,
    audience: AUDIENCE,
    algorithms: ['ES256', 'RS256', 'EdDSA'],
    jwks: 'keys.json',
    badTokens: '1000000/s',
    ...changes,
  };
}
