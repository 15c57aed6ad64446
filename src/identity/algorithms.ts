/** What a key must be to serve a signature algorithm (RFC 7518 §3.1, RFC 8037). */
export interface AlgorithmRow {
  readonly keyType: 'RSA' | 'EC' | 'OKP' | 'secret';
  readonly curve?: string;
  /** Of a shared secret, in bytes: as long as the hash (RFC 7518 §3.2). */
  readonly minSecret?: number;
}

/** Every algorithm there is; `none` is not one. */
export const ALGORITHMS = {
  ES256: { keyType: 'EC', curve: 'P-256' },
  ES384: { keyType: 'EC', curve: 'P-384' },
  ES512: { keyType: 'EC', curve: 'P-521' },
  EdDSA: { keyType: 'OKP', curve: 'Ed25519' },
  Ed25519: { keyType: 'OKP', curve: 'Ed25519' },
  PS256: { keyType: 'RSA' },
  PS384: { keyType: 'RSA' },
  PS512: { keyType: 'RSA' },
  RS256: { keyType: 'RSA' },
  RS384: { keyType: 'RSA' },
  RS512: { keyType: 'RSA' },
  HS256: { keyType: 'secret', minSecret: 32 },
  HS384: { keyType: 'secret', minSecret: 48 },
  HS512: { keyType: 'secret', minSecret: 64 },
} as const satisfies Record<string, AlgorithmRow>;

export type Algorithm = keyof typeof ALGORITHMS;

export const ALGORITHM_NAMES = Object.keys(ALGORITHMS) as Algorithm[];

export function isSymmetric(algorithm: Algorithm): boolean {
  return ALGORITHMS[algorithm].keyType === 'secret';
}
