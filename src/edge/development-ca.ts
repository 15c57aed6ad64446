import 'reflect-metadata'; // before x509, whose container asks for it
import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';

const DAY = 86_400_000; // ms
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

/** A certificate and its private key, PEM. */
export interface Pair {
  /** The certificate, then the intermediates up to and without the root. */
  readonly cert: string;
  /** PKCS #8. */
  readonly key: string;
}

/** What a certificate is for. All of it is optional: without names it is a client's. */
export interface CertificateRequest {
  readonly dns?: readonly string[];
  readonly ip?: readonly string[];
  readonly uri?: readonly string[];
  readonly email?: readonly string[];
  /** A distinguished name; `CN=` and the first name where absent. */
  readonly subject?: string;
  /** Milliseconds since the epoch; a minute ago where absent. */
  readonly notBefore?: number;
  /** Milliseconds since the epoch; in 90 days where absent. */
  readonly notAfter?: number;
  /** Hexadecimal; random where absent. */
  readonly serial?: string;
  /** Both where absent. */
  readonly usage?: readonly ('client' | 'server')[];
  /** Leaves the keyUsage extension out, which a verifier may not like. */
  readonly withoutKeyUsage?: boolean;
  /** A weaker or other key than P-256. */
  readonly key?: webcrypto.RsaHashedKeyGenParams | webcrypto.EcKeyGenParams;
}

/** A certificate authority for development and tests. Its private key never leaves the process. */
export interface DevelopmentCa {
  /** Its certificate, PEM: what a client or a listener is told to trust. */
  readonly cert: string;
  issue(request?: CertificateRequest): Promise<Pair>;
  /** An authority below this one. `pathLength` bounds how many more may follow. */
  intermediate(name: string, options?: { pathLength?: number; notAfter?: number }): Promise<DevelopmentCa>;
  /** A revocation list, PEM. `nextUpdate` in milliseconds since the epoch; in a day where absent. */
  revoke(serials: readonly string[], options?: { nextUpdate?: number }): Promise<string>;
}

/** Makes an authority that lives as long as the process. */
export async function createDevelopmentCa(name = 'Sallyport development CA'): Promise<DevelopmentCa> {
  const keys = await generate(ALGORITHM);
  const cert = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: `CN=${name}`,
    notBefore: new Date(Date.now() - DAY),
    notAfter: new Date(Date.now() + 3_650 * DAY),
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: await authorityExtensions(keys.publicKey),
  });
  return new Authority(cert, keys, '');
}

class Authority implements DevelopmentCa {
  readonly cert: string;
  readonly #certificate: x509.X509Certificate;
  readonly #keys: webcrypto.CryptoKeyPair;
  /** The certificates between a leaf and the root, PEM. */
  readonly #chain: string;

  constructor(certificate: x509.X509Certificate, keys: webcrypto.CryptoKeyPair, chain: string) {
    this.cert = pem(certificate);
    this.#certificate = certificate;
    this.#keys = keys;
    this.#chain = chain;
  }

  async issue(request: CertificateRequest = {}): Promise<Pair> {
    const keys = await generate(request.key ?? ALGORITHM);
    const cert = await this.#sign(keys.publicKey, request, leafExtensions(request));
    const key = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
    return { cert: pem(cert) + this.#chain, key: `${x509.PemConverter.encode(key, 'PRIVATE KEY')}\n` };
  }

  async intermediate(name: string, options: { pathLength?: number; notAfter?: number } = {}) {
    const keys = await generate(ALGORITHM);
    const extensions = await authorityExtensions(keys.publicKey, options.pathLength);
    const cert = await this.#sign(keys.publicKey, { subject: `CN=${name}`, ...options }, extensions);
    return new Authority(cert, keys, pem(cert) + this.#chain);
  }

  async revoke(serials: readonly string[], options: { nextUpdate?: number } = {}): Promise<string> {
    const crl = await x509.X509CrlGenerator.create({
      issuer: this.#certificate.subject,
      thisUpdate: new Date(Date.now() - 60_000),
      nextUpdate: new Date(options.nextUpdate ?? Date.now() + DAY),
      entries: serials.map((serial) => ({ serialNumber: serial, revocationDate: new Date() })),
      signingAlgorithm: ALGORITHM,
      signingKey: this.#keys.privateKey,
    });
    // The label that OpenSSL reads.
    return `${x509.PemConverter.encode(crl.rawData, 'X509 CRL')}\n`;
  }

  async #sign(
    publicKey: webcrypto.CryptoKey,
    request: CertificateRequest,
    extensions: readonly x509.Extension[],
  ): Promise<x509.X509Certificate> {
    return x509.X509CertificateGenerator.create({
      serialNumber: request.serial ?? serialNumber(),
      subject: request.subject ?? `CN=${request.dns?.[0] ?? request.uri?.[0] ?? 'localhost'}`,
      issuer: this.#certificate.subject,
      notBefore: new Date(request.notBefore ?? Date.now() - 60_000),
      notAfter: new Date(request.notAfter ?? Date.now() + 90 * DAY),
      publicKey,
      signingKey: this.#keys.privateKey,
      signingAlgorithm: ALGORITHM,
      extensions: [
        ...extensions,
        await x509.AuthorityKeyIdentifierExtension.create(this.#certificate.publicKey),
      ],
    });
  }
}

async function authorityExtensions(key: webcrypto.CryptoKey, pathLength?: number): Promise<x509.Extension[]> {
  return [
    new x509.BasicConstraintsExtension(true, pathLength, true),
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
    await x509.SubjectKeyIdentifierExtension.create(key),
  ];
}

function leafExtensions(request: CertificateRequest): x509.Extension[] {
  const usage = request.usage ?? ['client', 'server'];
  const names: x509.JsonGeneralNames = [
    ...(request.dns ?? []).map((value) => ({ type: 'dns' as const, value })),
    ...(request.ip ?? []).map((value) => ({ type: 'ip' as const, value })),
    ...(request.uri ?? []).map((value) => ({ type: 'url' as const, value })),
    ...(request.email ?? []).map((value) => ({ type: 'email' as const, value })),
  ];
  return [
    new x509.BasicConstraintsExtension(false, undefined, true),
    new x509.ExtendedKeyUsageExtension(
      usage.map((each) => x509.ExtendedKeyUsage[each === 'client' ? 'clientAuth' : 'serverAuth']),
    ),
    ...(request.withoutKeyUsage
      ? []
      : [new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true)]),
    ...(names.length > 0 ? [new x509.SubjectAlternativeNameExtension(names)] : []),
  ];
}

async function generate(algorithm: webcrypto.RsaHashedKeyGenParams | webcrypto.EcKeyGenParams) {
  return webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
}

/** 127 random bits: positive, and not zero (RFC 5280 §4.1.2.2). */
function serialNumber(): string {
  const bytes = webcrypto.getRandomValues(Buffer.alloc(16));
  bytes[0] = (bytes[0]! & 0x3f) | 0x40;
  return bytes.toString('hex');
}

function pem(certificate: x509.X509Certificate): string {
  return `${certificate.toString('pem')}\n`;
}
