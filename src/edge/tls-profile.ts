import { constants } from 'node:crypto';
import type { SecureContextOptions } from 'node:tls';

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

/**
 * Post-quantum key exchange came with OpenSSL 3.5. The version is asked, and not the library by trying: what it does
 * not know it also leaves in its error queue, where the next private key that is read fails on it.
 */
const knowsHybrid = ((): boolean => {
  const [major = 0, minor = 0] = process.versions.openssl.split('.').map(Number);
  return major > 3 || (major === 3 && minor >= 5);
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
    ecdhCurve: knowsHybrid ? `X25519MLKEM768:${CURVES}` : CURVES,
    honorCipherOrder: false,
    sessionTimeout: TICKET_LIFE,
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION | (clientCertificates ? constants.SSL_OP_NO_TICKET : 0),
  };
}
