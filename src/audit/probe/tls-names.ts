/** What the numbers on the wire are called: the IANA registries of TLS, as far as servers have them. */

/** From the oldest. */
export const VERSIONS = {
  768: 'SSL 3.0',
  769: 'TLS 1.0',
  770: 'TLS 1.1',
  771: 'TLS 1.2',
  772: 'TLS 1.3',
} as const;

export type Version = keyof typeof VERSIONS;

/** What is weak about a cipher suite. Of several faults the gravest. */
export type SuiteFault = 'broken' | 'no forward secrecy' | 'cbc';

interface Suite {
  readonly name: string;
  readonly fault: SuiteFault | undefined;
}

// biome-ignore format: a table is read by its rows.
const NAMES: Readonly<Record<number, string>> = {
  // TLS 1.3, RFC 8446 §B.4
  4865: 'TLS_AES_128_GCM_SHA256', 4866: 'TLS_AES_256_GCM_SHA384', 4867: 'TLS_CHACHA20_POLY1305_SHA256',
  4868: 'TLS_AES_128_CCM_SHA256', 4869: 'TLS_AES_128_CCM_8_SHA256',
  // ECDHE and DHE with AEAD
  49195: 'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256', 49196: 'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384',
  49199: 'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256', 49200: 'TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384',
  52392: 'TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256', 52393: 'TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256',
  52394: 'TLS_DHE_RSA_WITH_CHACHA20_POLY1305_SHA256',
  158: 'TLS_DHE_RSA_WITH_AES_128_GCM_SHA256', 159: 'TLS_DHE_RSA_WITH_AES_256_GCM_SHA384',
  49324: 'TLS_ECDHE_ECDSA_WITH_AES_128_CCM', 49325: 'TLS_ECDHE_ECDSA_WITH_AES_256_CCM',
  49326: 'TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8', 49327: 'TLS_ECDHE_ECDSA_WITH_AES_256_CCM_8',
  49310: 'TLS_DHE_RSA_WITH_AES_128_CCM', 49311: 'TLS_DHE_RSA_WITH_AES_256_CCM',
  49244: 'TLS_ECDHE_ECDSA_WITH_ARIA_128_GCM_SHA256', 49245: 'TLS_ECDHE_ECDSA_WITH_ARIA_256_GCM_SHA384',
  49248: 'TLS_ECDHE_RSA_WITH_ARIA_128_GCM_SHA256', 49249: 'TLS_ECDHE_RSA_WITH_ARIA_256_GCM_SHA384',
  49234: 'TLS_DHE_RSA_WITH_ARIA_128_GCM_SHA256', 49235: 'TLS_DHE_RSA_WITH_ARIA_256_GCM_SHA384',
  // ECDHE and DHE with CBC
  49161: 'TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA', 49162: 'TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA',
  49171: 'TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA', 49172: 'TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA',
  49187: 'TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256', 49188: 'TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384',
  49191: 'TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256', 49192: 'TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384',
  51: 'TLS_DHE_RSA_WITH_AES_128_CBC_SHA', 57: 'TLS_DHE_RSA_WITH_AES_256_CBC_SHA',
  103: 'TLS_DHE_RSA_WITH_AES_128_CBC_SHA256', 107: 'TLS_DHE_RSA_WITH_AES_256_CBC_SHA256',
  69: 'TLS_DHE_RSA_WITH_CAMELLIA_128_CBC_SHA', 136: 'TLS_DHE_RSA_WITH_CAMELLIA_256_CBC_SHA',
  190: 'TLS_DHE_RSA_WITH_CAMELLIA_128_CBC_SHA256', 196: 'TLS_DHE_RSA_WITH_CAMELLIA_256_CBC_SHA256',
  49266: 'TLS_ECDHE_ECDSA_WITH_CAMELLIA_128_CBC_SHA256', 49267: 'TLS_ECDHE_ECDSA_WITH_CAMELLIA_256_CBC_SHA384',
  49270: 'TLS_ECDHE_RSA_WITH_CAMELLIA_128_CBC_SHA256', 49271: 'TLS_ECDHE_RSA_WITH_CAMELLIA_256_CBC_SHA384',
  // static RSA
  156: 'TLS_RSA_WITH_AES_128_GCM_SHA256', 157: 'TLS_RSA_WITH_AES_256_GCM_SHA384',
  47: 'TLS_RSA_WITH_AES_128_CBC_SHA', 53: 'TLS_RSA_WITH_AES_256_CBC_SHA',
  60: 'TLS_RSA_WITH_AES_128_CBC_SHA256', 61: 'TLS_RSA_WITH_AES_256_CBC_SHA256',
  49308: 'TLS_RSA_WITH_AES_128_CCM', 49309: 'TLS_RSA_WITH_AES_256_CCM',
  49312: 'TLS_RSA_WITH_AES_128_CCM_8', 49313: 'TLS_RSA_WITH_AES_256_CCM_8',
  49232: 'TLS_RSA_WITH_ARIA_128_GCM_SHA256', 49233: 'TLS_RSA_WITH_ARIA_256_GCM_SHA384',
  65: 'TLS_RSA_WITH_CAMELLIA_128_CBC_SHA', 132: 'TLS_RSA_WITH_CAMELLIA_256_CBC_SHA',
  186: 'TLS_RSA_WITH_CAMELLIA_128_CBC_SHA256', 192: 'TLS_RSA_WITH_CAMELLIA_256_CBC_SHA256',
  150: 'TLS_RSA_WITH_SEED_CBC_SHA', 154: 'TLS_DHE_RSA_WITH_SEED_CBC_SHA', 7: 'TLS_RSA_WITH_IDEA_CBC_SHA',
  // 3DES, DES, RC4, export, anonymous, NULL
  10: 'TLS_RSA_WITH_3DES_EDE_CBC_SHA', 22: 'TLS_DHE_RSA_WITH_3DES_EDE_CBC_SHA',
  49160: 'TLS_ECDHE_ECDSA_WITH_3DES_EDE_CBC_SHA', 49170: 'TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA',
  9: 'TLS_RSA_WITH_DES_CBC_SHA', 21: 'TLS_DHE_RSA_WITH_DES_CBC_SHA',
  4: 'TLS_RSA_WITH_RC4_128_MD5', 5: 'TLS_RSA_WITH_RC4_128_SHA',
  49159: 'TLS_ECDHE_ECDSA_WITH_RC4_128_SHA', 49169: 'TLS_ECDHE_RSA_WITH_RC4_128_SHA',
  3: 'TLS_RSA_EXPORT_WITH_RC4_40_MD5', 6: 'TLS_RSA_EXPORT_WITH_RC2_CBC_40_MD5',
  8: 'TLS_RSA_EXPORT_WITH_DES40_CBC_SHA', 20: 'TLS_DHE_RSA_EXPORT_WITH_DES40_CBC_SHA',
  24: 'TLS_DH_anon_WITH_RC4_128_MD5', 27: 'TLS_DH_anon_WITH_3DES_EDE_CBC_SHA',
  52: 'TLS_DH_anon_WITH_AES_128_CBC_SHA', 58: 'TLS_DH_anon_WITH_AES_256_CBC_SHA',
  108: 'TLS_DH_anon_WITH_AES_128_CBC_SHA256', 109: 'TLS_DH_anon_WITH_AES_256_CBC_SHA256',
  166: 'TLS_DH_anon_WITH_AES_128_GCM_SHA256', 167: 'TLS_DH_anon_WITH_AES_256_GCM_SHA384',
  49174: 'TLS_ECDH_anon_WITH_RC4_128_SHA', 49175: 'TLS_ECDH_anon_WITH_3DES_EDE_CBC_SHA',
  49176: 'TLS_ECDH_anon_WITH_AES_128_CBC_SHA', 49177: 'TLS_ECDH_anon_WITH_AES_256_CBC_SHA',
  1: 'TLS_RSA_WITH_NULL_MD5', 2: 'TLS_RSA_WITH_NULL_SHA', 59: 'TLS_RSA_WITH_NULL_SHA256',
  49158: 'TLS_ECDHE_ECDSA_WITH_NULL_SHA', 49168: 'TLS_ECDHE_RSA_WITH_NULL_SHA', 49173: 'TLS_ECDH_anon_WITH_NULL_SHA',
};

/** Says nothing about a key exchange: RFC 5746 §3.3 and RFC 7507. */
export const SIGNALS = { renegotiation: 0x00ff, fallback: 0x5600 } as const;

/** Suites that only TLS 1.3 has. */
export const TLS13_SUITES: readonly number[] = [0x1301, 0x1302, 0x1303, 0x1304, 0x1305];

/** All others, those that nobody should speak included. */
export const OLDER_SUITES: readonly number[] = Object.keys(NAMES)
  .map(Number)
  .filter((suite) => !TLS13_SUITES.includes(suite));

/** What a suite is called and what is wrong with it (RFC 9325 §4.1, §4.2). */
export function suiteOf(number: number): Suite {
  const name = NAMES[number] ?? `0x${number.toString(16).padStart(4, '0')}`;
  return { name, fault: faultOf(name) };
}

function faultOf(name: string): SuiteFault | undefined {
  if (/NULL|_anon_|EXPORT|RC4|RC2|_DES|3DES|DES40|IDEA|MD5/.test(name)) return 'broken';
  if (/^TLS_RSA_/.test(name)) return 'no forward secrecy';
  return name.includes('_CBC_') ? 'cbc' : undefined;
}

/** Groups for key exchange (RFC 8446 §4.2.7, and the registry). */
export const KEY_GROUPS: Readonly<Record<number, string>> = {
  4588: 'X25519MLKEM768',
  4587: 'SecP256r1MLKEM768',
  4589: 'SecP384r1MLKEM1024',
  29: 'x25519',
  30: 'x448',
  23: 'secp256r1',
  24: 'secp384r1',
  25: 'secp521r1',
  26: 'brainpoolP256r1',
  27: 'brainpoolP384r1',
  28: 'brainpoolP512r1',
  256: 'ffdhe2048',
  257: 'ffdhe3072',
  258: 'ffdhe4096',
  259: 'ffdhe6144',
  260: 'ffdhe8192',
  22: 'secp256k1',
  21: 'secp224r1',
  19: 'secp192r1',
  16: 'secp160r1',
  1: 'sect163k1',
};

/** Those that resist a quantum computer. */
export const HYBRID_GROUPS: readonly number[] = [0x11ec, 0x11eb, 0x11ed];

/** Shorter than 224 bits (RFC 9325 §4.3), or gone from the registry. */
export const WEAK_GROUPS: readonly number[] = [0x0013, 0x0010, 0x0001];

/** Alerts that a server ends a handshake with (RFC 8446 §6). */
const ALERTS: Readonly<Record<number, string>> = {
  0: 'close_notify',
  10: 'unexpected_message',
  20: 'bad_record_mac',
  40: 'handshake_failure',
  47: 'illegal_parameter',
  50: 'decode_error',
  51: 'decrypt_error',
  70: 'protocol_version',
  71: 'insufficient_security',
  80: 'internal_error',
  86: 'inappropriate_fallback',
  109: 'missing_extension',
  112: 'unrecognized_name',
  116: 'certificate_required',
  120: 'no_application_protocol',
};

/** What an alert is called. */
export function alertName(number: number): string {
  return ALERTS[number] ?? `alert ${number}`;
}
