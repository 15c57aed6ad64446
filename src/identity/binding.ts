import type { Handshake } from '../pipeline/handshake.ts';
import { type Refused, refuse } from '../pipeline/verdict.ts';
import { thumbprintOf, valuesOf } from './certificate-fields.ts';
import { isObject, type JsonObject } from './strict-json.ts';

/** What else of a handshake must name the same holder as the credential. */
export interface Agreement {
  /** The subject must be the last part of the path. */
  readonly matchPath: boolean;
  /** A field that a client certificate, if there is one, must share with the subject. */
  readonly certificateSubject?: string | undefined;
}

/**
 * Refuses a holder who came with another's path or certificate. The last part of the path is how OCPP names a charging
 * station (OCPP 2.0.1 part 4, §3.1.1); percent-escapes in it are undone, and then every byte counts.
 */
export function disagrees(
  subject: string,
  handshake: Handshake,
  { matchPath, certificateSubject }: Agreement,
): Refused | undefined {
  if (matchPath && lastPartOf(handshake.path) !== subject)
    return refuse('identity_mismatch', 'the credential is not that of the path');
  const { certificate } = handshake.tls;
  if (certificateSubject === undefined || !certificate) return undefined;
  const values = valuesOf(certificate, certificateSubject);
  return values.length === 1 && values[0] === subject
    ? undefined
    : refuse('identity_mismatch', 'the token and the client certificate name different holders');
}

function lastPartOf(path: string): string | undefined {
  try {
    return decodeURIComponent(path.slice(path.lastIndexOf('/') + 1));
  } catch {
    return undefined;
  }
}

/**
 * The certificate that a token is bound to by `cnf` (RFC 7800, RFC 8705 §3.1); undefined if to none. A binding of any
 * other form refuses: a token that proves possession only (DPoP, RFC 9449) must not pass without the proof.
 */
export function boundTo(claims: JsonObject): string | Refused | undefined {
  const { cnf } = claims;
  if (cnf === undefined) return undefined;
  const thumbprint = isObject(cnf) && Object.keys(cnf).length === 1 ? cnf['x5t#S256'] : undefined;
  return typeof thumbprint === 'string'
    ? thumbprint
    : refuse('credential_invalid', 'the token is bound (cnf) in a way that is not supported');
}

/** Whether the certificate of this very connection is the one that a token is bound to. */
export function holdsCertificate(handshake: Handshake, thumbprint: string): boolean {
  const { certificate } = handshake.tls;
  return certificate !== undefined && thumbprintOf(certificate) === thumbprint;
}
