import { X509Certificate } from 'node:crypto';
import { isIPv6 } from 'node:net';
import { checkServerIdentity, type PeerCertificate } from 'node:tls';

/**
 * Why a certificate is not for this host; undefined if it is (RFC 9525 §6). As Node has it, whose 22.23 finds no IPv6
 * address in any certificate (nodejs/node#64032): there OpenSSL is asked.
 */
export function checkIdentity(host: string, certificate: PeerCertificate): Error | undefined {
  const fault = checkServerIdentity(host, certificate);
  if (fault === undefined || !isIPv6(host)) return fault;
  return new X509Certificate(certificate.raw).checkIP(host) === undefined ? fault : undefined;
}
