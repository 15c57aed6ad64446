import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { rootCertificates } from 'node:tls';
import { canonicalAddress } from '../pipeline/addresses.ts';
import { certificatesOf, PemError } from '../pipeline/pem.ts';

/** A certificate with its key and chain, checked. */
export interface LoadedPair {
  /** What the configuration calls it: the file name of the certificate as written there. */
  readonly label: string;
  /** PEM: the leaf, then its chain in order. */
  readonly cert: string;
  /** PEM, not encrypted. */
  readonly key: string;
  readonly leaf: X509Certificate;
  readonly chain: readonly X509Certificate[];
  /** DNS names in lower case, wildcards among them. */
  readonly dns: readonly string[];
  /** IP addresses in canonical text. */
  readonly ip: readonly string[];
  /** Milliseconds since the epoch: the first and the last moment at which the whole chain is valid. */
  readonly notBefore: number;
  readonly notAfter: number;
  /** What an operator should look at, though it works. */
  readonly warnings: readonly string[];
}

/** What was read from the files of one pair. */
export interface PairText {
  readonly label: string;
  readonly cert: string;
  readonly key: string;
  readonly passphrase: string | undefined;
}

/** Why a pair is not taken, and which of its files is at fault. */
export class PairError extends Error {
  override readonly name = 'PairError';
  readonly file: 'cert' | 'key';

  constructor(file: 'cert' | 'key', message: string) {
    super(message);
    this.file = file;
  }
}

/**
 * Parses and checks a certificate with its key: that they match, that the certificate is valid now, names somebody, is
 * strong enough, and that the chain hangs together. A chain in the wrong order is put right.
 *
 * @param roots where given, the chain must end in one of them.
 * @throws PairError
 */
export function checkPair(text: PairText, now: number, roots?: readonly X509Certificate[]): LoadedPair {
  const key = keyOf(text);
  const found = parse(text.cert);
  const leaf = found.find((certificate) => certificate.checkPrivateKey(key));
  if (!leaf) throw new PairError('key', 'the key does not belong to the certificate');
  const warnings: string[] = [];
  const chain = chainOf(leaf, found);
  if (found[0] !== leaf || chain.some((link, i) => found[i + 1] !== link)) {
    warnings.push(
      'the certificates in the file are not in order from leaf to root; they are served in order',
    );
  }
  checkStrength(key);
  const notBefore = Math.max(...[leaf, ...chain].map((each) => Date.parse(each.validFrom)));
  const notAfter = Math.min(...[leaf, ...chain].map((each) => Date.parse(each.validTo)));
  if (now < notBefore) throw new PairError('cert', `not valid before ${new Date(notBefore).toISOString()}`);
  if (now >= notAfter) throw new PairError('cert', `ran out at ${new Date(notAfter).toISOString()}`);
  const names = namesOf(leaf);
  if (names.dns.length + names.ip.length === 0) {
    throw new PairError('cert', 'names no host: it has no subjectAltName with a DNS name or an address');
  }
  checkRoot(chain.at(-1) ?? leaf, roots, warnings);
  return {
    label: text.label,
    cert: [leaf, ...chain].map(String).join(''),
    key: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
    leaf,
    chain,
    ...names,
    notBefore,
    notAfter,
    warnings,
  };
}

/**
 * What a pair that is to replace another has lost: a name, or the intermediate that the other came with. Undefined if
 * nothing.
 */
export function lossOf(before: LoadedPair, after: LoadedPair): string | undefined {
  const names = new Set([...after.dns, ...after.ip]);
  const lost = [...before.dns, ...before.ip].filter((name) => !names.has(name));
  if (lost.length > 0) return `the new certificate does not name ${lost.join(', ')}`;
  const issuer = before.chain[0];
  if (after.chain.length === 0 && issuer && after.leaf.checkIssued(issuer) && !isSelfSigned(issuer)) {
    return 'the new file lacks the intermediate certificate that the old one had';
  }
  return undefined;
}

function parse(text: string): X509Certificate[] {
  try {
    return certificatesOf(text);
  } catch (error) {
    if (error instanceof PemError) throw new PairError('cert', error.message);
    throw error;
  }
}

function keyOf({ key, passphrase }: PairText): KeyObject {
  try {
    return createPrivateKey({ key, ...(passphrase !== undefined && { passphrase }) });
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if (key.includes('ENCRYPTED') && passphrase === undefined) {
      throw new PairError('key', 'is encrypted: it needs a passphrase');
    }
    if (key.includes('ENCRYPTED')) throw new PairError('key', 'cannot be decrypted with this passphrase');
    throw new PairError('key', 'is not a private key in PEM (PKCS #8, PKCS #1 or SEC1)');
  }
}

/** From the leaf's issuer upwards, as far as the file goes. */
function chainOf(leaf: X509Certificate, found: readonly X509Certificate[]): X509Certificate[] {
  const chain: X509Certificate[] = [];
  const left = new Set(found);
  left.delete(leaf);
  for (let link = leaf; !isSelfSigned(link); ) {
    const issuer = [...left].find((each) => issued(each, link));
    if (!issuer) break;
    chain.push(issuer);
    left.delete(issuer);
    link = issuer;
  }
  return chain;
}

function issued(issuer: X509Certificate, certificate: X509Certificate): boolean {
  return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}

function isSelfSigned(certificate: X509Certificate): boolean {
  return certificate.subject === certificate.issuer && certificate.verify(certificate.publicKey);
}

/** RSA of 2048 bits, P-256, or stronger. */
function checkStrength(key: KeyObject): void {
  const { modulusLength, namedCurve } = key.asymmetricKeyDetails ?? {};
  if (modulusLength !== undefined && modulusLength < 2_048) {
    throw new PairError('key', `RSA of ${modulusLength} bits is too weak`);
  }
  if (namedCurve !== undefined && !['prime256v1', 'secp384r1', 'secp521r1'].includes(namedCurve)) {
    throw new PairError('key', `${namedCurve} is not a curve that clients accept`);
  }
}

function namesOf(leaf: X509Certificate): { dns: string[]; ip: string[] } {
  const entries = (leaf.subjectAltName ?? '').split(', ');
  const named = (prefix: string) =>
    entries.filter((entry) => entry.startsWith(prefix)).map((entry) => entry.slice(prefix.length));
  return {
    dns: named('DNS:').map((name) => name.toLowerCase().replace(/\.$/, '')),
    ip: named('IP Address:').flatMap((address) => canonicalAddress(address) ?? []),
  };
}

function checkRoot(
  top: X509Certificate,
  roots: readonly X509Certificate[] | undefined,
  warnings: string[],
): void {
  if (roots) {
    if (roots.some((root) => root.fingerprint256 === top.fingerprint256 || issued(root, top))) return;
    throw new PairError('cert', 'the chain does not end in one of the configured roots');
  }
  if (isSelfSigned(top) || isPubliclyRooted(top)) return;
  warnings.push(
    `the chain ends at ${oneLine(top.issuer)}, which is not in the file: clients that do not have it will refuse`,
  );
}

function isPubliclyRooted(top: X509Certificate): boolean {
  publicRoots ??= rootsBySubject();
  return publicRoots.get(top.issuer)?.some((pem) => issued(new X509Certificate(pem), top)) ?? false;
}

/** PEM, by distinguished name. To read all public roots takes some 40 ms, so it is done once, when somebody asks. */
let publicRoots: ReadonlyMap<string, readonly string[]> | undefined;

function rootsBySubject(): ReadonlyMap<string, readonly string[]> {
  const roots = new Map<string, string[]>();
  for (const pem of rootCertificates) {
    const { subject } = new X509Certificate(pem);
    roots.set(subject, [...(roots.get(subject) ?? []), pem]);
  }
  return roots;
}

function oneLine(name: string): string {
  return name.replaceAll('\n', ', ');
}
