/** Who is connected: one immutable value, made by an identity. */
export interface Principal {
  /** The identity's name in the configuration (`staff`). */
  readonly identity: string;
  readonly subject: string;
  readonly tenant?: string;
  readonly roles: readonly string[];
  /** A service tier, for limits that differ by plan. */
  readonly tier?: string;
  /** All verified claims, deeply frozen. */
  readonly claims: Readonly<Record<string, unknown>>;
  /** When the credential runs out, in milliseconds since the epoch. */
  readonly expiresAt?: number;
  /** When the credential was issued, in milliseconds since the epoch. */
  readonly issuedAt?: number;
  /** `jti`, or what stands for it. */
  readonly tokenId?: string;
  /** Set for one who was believed in an emergency, by what was known before the provider went away. */
  readonly emergency?: true;
  /** Serial number of the client certificate that proved the holder. */
  readonly certificateSerial?: string;
}
