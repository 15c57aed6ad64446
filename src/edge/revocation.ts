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
  readonly #lists: ReadonlyMap<string, List>;

  constructor(pem: readonly string[], lists: readonly List[]) {
    this.pem = pem;
    this.#lists = new Map(lists.map((list) => [list.issuer, list]));
  }

  /** How many certificates are revoked. */
  get size(): number {
    let size = 0;
    for (const list of this.#lists.values()) size += list.serials.size;
    return size;
  }

  /** When the first list runs out, in milliseconds since the epoch: no client certificate is trusted from then on. */
  get nextUpdate(): number {
    return Math.min(...[...this.#lists.values()].map((list) => list.nextUpdate));
  }

  isRevoked({ issuer, serial }: CertificateLink): boolean {
    return this.#lists.get(issuer)?.serials.has(serial) ?? false;
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
    const crl = crls.find((each) => each.issuer === authority.subject);
    if (!crl) throw new PemError(`there is no revocation list of ${authority.subject}`);
    if (!(await crl.verify({ publicKey: authority.publicKey }))) {
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
