import { constants } from 'node:crypto';
import { createSecureContext, type SecureContextOptions } from 'node:tls';

/** How long a session ticket is good for, in seconds, and its key in use: RFC 8446 §4.6.1 allows seven days. */
export const TICKET_LIFE = 12 * 3_600;

/** Mozilla's intermediate profile, guideline 6.0. The level refuses RSA below 2048 bits and SHA-1 signatures. */
const CIPHERS = [
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
  '@SECLEVEL=2',
].join(':');

const CURVES = 'X25519:prime256v1:secp384r1';
const HYBRID = `X25519MLKEM768:${CURVES}`;

/** Post-quantum key exchange where the runtime's OpenSSL knows it (3.5 and later). */
const curves = ((): string => {
  try {
    createSecureContext({ ecdhCurve: HYBRID });
    return HYBRID;
  } catch {
    return CURVES;
  }
})();

/**
 * The TLS settings that no configuration weakens. Clients' order of ciphers holds, as the profile has it.
 *
 * Where client certificates are read, tickets are off: OpenSSL resumes a session before any name is looked at, skips
 * the verification of the certificate, and node then reports `authorized`.
 */
export function tlsProfile(
  minVersion: 'TLSv1.2' | 'TLSv1.3',
  clientCertificates: boolean,
): SecureContextOptions {
  return {
    minVersion,
    maxVersion: 'TLSv1.3',
    ciphers: CIPHERS,
    ecdhCurve: curves,
    honorCipherOrder: false,
    sessionTimeout: TICKET_LIFE,
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION | (clientCertificates ? constants.SSL_OP_NO_TICKET : 0),
  };
}
