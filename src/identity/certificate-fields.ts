import { z } from 'zod';
import type { ClientCertificate } from '../pipeline/handshake.ts';

/** A field of a client certificate: `san.uri`, `san.dns`, `san.email`, `subject.CN`, `issuer.O` …, `serial`, `fingerprint`. */
export const selector = z
  .string()
  .regex(
    /^(san\.(uri|dns|email)|(subject|issuer)\.[A-Za-z][A-Za-z0-9.-]{0,63}|serial|fingerprint)$/,
    'san.uri, san.dns, san.email, subject.NAME, issuer.NAME, serial or fingerprint',
  );

/** The values that a certificate has in the field, in its order; none if it lacks the field. Bytes are not touched. */
export function valuesOf(certificate: ClientCertificate, field: string): readonly string[] {
  if (field === 'serial') return [certificate.serial];
  if (field === 'fingerprint') return [certificate.fingerprint];
  const dot = field.indexOf('.');
  const part = field.slice(0, dot) as 'san' | 'subject' | 'issuer';
  const name = field.slice(dot + 1);
  const fields: Readonly<Record<string, readonly string[]>> = certificate[part];
  return Object.hasOwn(fields, name) ? fields[name]! : [];
}

/** What binds a token to a certificate (RFC 8705 §3.1): base64url of the SHA-256 of its DER form. */
export function thumbprintOf(certificate: ClientCertificate): string {
  return Buffer.from(certificate.fingerprint, 'hex').toString('base64url');
}
