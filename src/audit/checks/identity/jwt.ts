/** A JSON Web Token as far as an attacker can read it. */
export interface ReadJwt {
  readonly header: Readonly<Record<string, unknown>>;
  /** Seconds since the epoch. */
  readonly exp: number | undefined;
  /** Header, payload and signature as they stand in the token. */
  readonly parts: readonly [string, string, string];
}

/** Reads a token in three parts, whose signature is not looked at. Undefined for anything else. */
export function readJwt(token: string): ReadJwt | undefined {
  const parts = token.split('.');
  if (parts.length !== 3) return undefined;
  try {
    const [header, payload] = parts
      .slice(0, 2)
      .map((part) => JSON.parse(Buffer.from(part, 'base64url').toString()));
    const exp = typeof payload?.exp === 'number' ? payload.exp : undefined;
    return { header, exp, parts: parts as [string, string, string] };
  } catch {
    return undefined;
  }
}

/** The same claims under `alg: none`, with an empty signature (RFC 8725 §2.1). */
export function unsigned({ header, parts }: ReadJwt, alg: string): string {
  return `${Buffer.from(JSON.stringify({ ...header, alg })).toString('base64url')}.${parts[1]}.`;
}

/** The same token with a signature in which one bit is wrong. */
export function tampered({ parts: [header, payload, signature] }: ReadJwt): string {
  const bytes = Buffer.from(signature, 'base64url');
  bytes[0] = (bytes[0] ?? 0) ^ 1;
  return `${header}.${payload}.${bytes.toString('base64url')}`;
}
