import type { Holder } from '../store/revocations.ts';
import type { ClientCertificate } from './handshake.ts';
import type { Principal } from './principal.ts';

/** What of a connection a revocation can name, besides its principal. */
export interface HeldBy {
  readonly session: string;
  readonly address: string;
  /** Of the connection, whichever credential was asked for: whose certificate is revoked is not let in with a token. */
  readonly certificate: ClientCertificate | undefined;
}

/** All by which a revocation can touch somebody who is connected, or wants to be. */
export function holderOf(principal: Principal, { session, address, certificate }: HeldBy): Holder {
  const serial = principal.certificateSerial ?? certificate?.serial;
  return { ...principal, session, address, ...(serial !== undefined && { certificateSerial: serial }) };
}
