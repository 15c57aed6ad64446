import 'reflect-metadata'; // before x509, whose container asks for it
import { PemConverter, X509Certificate, X509Crl } from '@peculiar/x509';
import type { CertificateLink } from '../pipeline/handshake.ts';
import { blocksOf, PemError } from '../pipeline/pem.ts';

/** One revocation list, as text for OpenSSL and as a set for us. */
interface List {
  /** The issuer's distinguished name. */
  readonly issuer: string;
  /** Milliseconds since the epoch; a list without the field never runs out. */
  readonly nextUpdate: number;
  readonly serials: ReadonlySet<string>;
}

/** The revocation lists of a listener. OpenSSL judges by them at the handshake; this answers for live sessions. */
export class Revocations {
  /** PEM, one list each: node reads only the first list of a text. */
  readonly pem: readonly string[];
  readonly #lists: readonly List[];
  /** By issuer, of all its lists: an old one that was left in the file must not hide what a newer one says. */
  readonly #serials = new Map<string, Set<string>>();

  constructor(pem: readonly string[], lists: readonly List[]) {
    this.pem = pem;
    this.#lists = lists;
    for (const { issuer, serials } of lists) {
      this.#serials.set(issuer, new Set([...(this.#serials.get(issuer) ?? []), ...serials]));
    }
  }

  /** How many certificates are revoked. */
  get size(): number {
    let size = 0;
    for (const serials of this.#serials.values()) size += serials.size;
    return size;
  }

  /** When the first list runs out, in milliseconds since the epoch: no client certificate is trusted from then on. */
  get nextUpdate(): number {
    return Math.min(...this.#lists.map((list) => list.nextUpdate));
  }

  isRevoked({ issuer, serial }: CertificateLink): boolean {
    return this.#serials.get(issuer)?.has(serial) ?? false;
  }
}

/**
 * Reads revocation lists, PEM (several) or DER (one). Every authority must have one, with its signature and in force:
 * who configures revocation does not want certificates that nobody can revoke.
 *
 * @throws PemError
 */
export async function loadRevocations(
  file: Buffer,
  authorities: readonly string[],
  now: number,
): Promise<Revocations> {
  const crls = (isPem(file) ? blocksOf(file.toString('latin1'), 'X509 CRL') : [file]).map(parse);
  for (const pem of authorities) {
    const authority = new X509Certificate(pem);
    const named = crls.filter((each) => each.issuer === authority.subject);
    if (named.length === 0) throw new PemError(`there is no revocation list of ${authority.subject}`);
    const signed = await Promise.all(named.map((crl) => crl.verify({ publicKey: authority.publicKey })));
    if (signed.includes(false)) {
      throw new PemError(`the revocation list of ${authority.subject} is not signed by it`);
    }
  }
  const lists = crls.map(listOf);
  const late = lists.find((list) => list.nextUpdate <= now);
  if (late) throw new PemError(`the revocation list of ${late.issuer} ran out`);
  return new Revocations(
    crls.map((crl) => PemConverter.encode(crl.rawData, 'X509 CRL')),
    lists,
  );
}

function isPem(file: Buffer): boolean {
  return file.includes('-----BEGIN');
}

function parse(source: string | Buffer): X509Crl {
  try {
    return new X509Crl(source);
  } catch {
    throw new PemError('a revocation list cannot be read');
  }
}

function listOf(crl: X509Crl): List {
  return {
    issuer: crl.issuer,
    nextUpdate: crl.nextUpdate?.getTime() ?? Number.POSITIVE_INFINITY,
    serials: new Set(crl.entries.map((entry) => canonicalSerial(entry.serialNumber))),
  };
}

/** Hexadecimal in lower case without leading zeros: lists and certificates write the same number differently. */
export function canonicalSerial(serial: string): string {
  return serial.toLowerCase().replace(/^0+(?=.)/, '');
}
