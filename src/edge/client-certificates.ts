import 'reflect-metadata'; // before x509, whose container asks for it
import { X509Certificate } from 'node:crypto';
import type { DetailedPeerCertificate, TLSSocket } from 'node:tls';
import * as x509 from '@peculiar/x509';
import type { CertificateLink, ClientCertificate } from '../pipeline/handshake.ts';
import { certificatesOf, PemError } from '../pipeline/pem.ts';
import { type Refused, refuse } from '../pipeline/verdict.ts';
import { canonicalSerial, type Revocations } from './revocation.ts';

/** Certificates between a leaf and its trust anchor. */
const MAX_DEPTH = 6;
/** Verified certificates that are remembered: verifying costs a signature check for each link. */
const MAX_REMEMBERED = 1_024;
const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';

/** A path that was verified once, and the time in which all of it is valid. */
interface Verified {
  readonly certificate: ClientCertificate;
  readonly notBefore: number;
  readonly notAfter: number;
}

/**
 * Whose client certificates a listener believes. Immutable but for its memory: a change of CA or CRL makes a new one.
 *
 * OpenSSL's word is needed and not enough: `authorized` is true for a resumed session without any certificate
 * (TLS 1.3), and says nothing of key usage. So the path is built and verified here as well.
 */
export class ClientTrust {
  /** PEM, one each. */
  readonly ca: readonly string[];
  readonly revocations: Revocations | undefined;
  readonly #anchors: readonly X509Certificate[];
  readonly #remembered = new Map<string, Verified>();

  constructor(anchors: readonly X509Certificate[], revocations: Revocations | undefined) {
    this.#anchors = anchors;
    this.ca = anchors.map(String);
    this.revocations = revocations;
  }

  /** The certificate that this connection has proved to hold; undefined if it showed none. */
  certificateOf(socket: TLSSocket, now: number): ClientCertificate | Refused | undefined {
    if (socket.isSessionReused()) return untrusted('the TLS session was resumed');
    // Not `getPeerX509Certificate`, which takes a certificate out of OpenSSL's chain each time it is called.
    const peer = socket.getPeerCertificate(true);
    if (!peer?.raw) return undefined;
    if (!socket.authorized) return distrusted(String(socket.authorizationError));
    const fingerprint = hex(peer.fingerprint256);
    let verified = this.#remembered.get(fingerprint);
    if (!verified) {
      const found = this.#verify(new X509Certificate(peer.raw), authoritiesOf(peer));
      if (typeof found === 'string') return untrusted(found);
      verified = found;
      this.#remember(fingerprint, found);
    }
    if (now < verified.notBefore || now >= verified.notAfter) return untrusted('not valid now');
    return this.refusalOf(verified.certificate) ?? verified.certificate;
  }

  /** Why a certificate that was believed once is not any more; undefined if it still is. Its expiry is not looked at. */
  refusalOf({ anchor, path }: ClientCertificate): Refused | undefined {
    if (!this.#anchors.some((each) => hex(each.fingerprint256) === anchor)) {
      return untrusted('its authority is not trusted any more');
    }
    const { revocations } = this;
    if (revocations && path.some((link) => revocations.isRevoked(link))) {
      return refuse('credential_revoked', 'the client certificate is revoked');
    }
    return undefined;
  }

  #remember(fingerprint: string, verified: Verified): void {
    if (this.#remembered.size >= MAX_REMEMBERED) {
      this.#remembered.delete(this.#remembered.keys().next().value!);
    }
    this.#remembered.set(fingerprint, verified);
  }

  /** Builds the path from the leaf to an anchor and checks every link, or says what is wrong. */
  #verify(leaf: X509Certificate, sent: readonly X509Certificate[]): Verified | string {
    const flaw = flawOfLeaf(leaf);
    if (flaw) return flaw;
    const path = [leaf];
    for (let link = leaf; ; ) {
      const anchor = this.#anchors.find((each) => issued(each, link));
      const issuer = anchor ?? sent.find((each) => !path.includes(each) && issued(each, link));
      if (!issuer) return 'no authority vouches for it';
      const problem = flawOfAuthority(issuer, path.length - 1);
      if (problem) return problem;
      path.push(issuer);
      if (anchor) return verifiedPath(leaf, path);
      if (path.length > MAX_DEPTH) return 'the chain is too long';
      link = issuer;
    }
  }
}

/**
 * Reads a CA bundle: at least one certificate, every one an authority, none cut off. Never falls back to public roots,
 * which is what node does with an empty text.
 *
 * @throws PemError
 */
export function readAnchors(bundle: string): X509Certificate[] {
  const anchors = certificatesOf(bundle);
  const other = anchors.findIndex((each) => !each.ca);
  if (other >= 0) throw new PemError(`certificate ${other + 1} is not of an authority`);
  return anchors;
}

function verifiedPath(leaf: X509Certificate, path: readonly X509Certificate[]): Verified {
  const parsed = new x509.X509Certificate(leaf.raw);
  const names = parsed.getExtension(x509.SubjectAlternativeNameExtension)?.names.items ?? [];
  const san = (type: x509.GeneralNameType) =>
    names.filter((name) => name.type === type).map(({ value }) => value);
  const notAfter = Math.min(...path.map((each) => Date.parse(each.validTo)));
  return {
    certificate: Object.freeze({
      subject: nameOf(parsed.subjectName),
      issuer: nameOf(parsed.issuerName),
      san: { uri: san('url'), dns: san('dns'), email: san('email') },
      serial: canonicalSerial(leaf.serialNumber),
      fingerprint: hex(leaf.fingerprint256),
      notAfter,
      path: path.slice(0, -1).map(linkOf),
      anchor: hex(path.at(-1)!.fingerprint256),
    }),
    notBefore: Math.max(...path.map((each) => Date.parse(each.validFrom))),
    notAfter,
  };
}

function linkOf(certificate: X509Certificate): CertificateLink {
  const { issuer } = new x509.X509Certificate(certificate.raw);
  return { issuer, serial: canonicalSerial(certificate.serialNumber) };
}

/** RFC 5280 §4.2.1.3 and §4.2.1.12: a certificate that says what it is for, and that this is it. */
function flawOfLeaf(leaf: X509Certificate): string | undefined {
  if (leaf.ca) return 'an authority is not a client';
  const parsed = new x509.X509Certificate(leaf.raw);
  const usages = parsed.getExtension(x509.KeyUsagesExtension)?.usages ?? 0;
  if (!(usages & x509.KeyUsageFlags.digitalSignature)) return 'its keyUsage does not allow signing';
  const extended = parsed.getExtension(x509.ExtendedKeyUsageExtension)?.usages;
  if (extended && !extended.includes(CLIENT_AUTH)) return 'its extendedKeyUsage is not that of a client';
  return undefined;
}

/** RFC 5280 §4.2.1.9. `below` counts the authorities between this one and the leaf. */
function flawOfAuthority(authority: X509Certificate, below: number): string | undefined {
  if (!authority.ca) return 'it was issued by something that is no authority';
  const parsed = new x509.X509Certificate(authority.raw);
  const usages = parsed.getExtension(x509.KeyUsagesExtension)?.usages;
  if (usages !== undefined && !(usages & x509.KeyUsageFlags.keyCertSign)) {
    return 'its issuer may not sign certificates';
  }
  const bound = parsed.getExtension(x509.BasicConstraintsExtension)?.pathLength;
  return bound !== undefined && below > bound ? 'the chain is longer than an authority allows' : undefined;
}

function issued(issuer: X509Certificate, certificate: X509Certificate): boolean {
  return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}

/** The authorities that the client sent along, or OpenSSL found. A self-signed one points at itself. */
function authoritiesOf(peer: DetailedPeerCertificate): X509Certificate[] {
  const chain: X509Certificate[] = [];
  let at = peer;
  while (at.issuerCertificate && at.issuerCertificate !== at && chain.length <= MAX_DEPTH) {
    at = at.issuerCertificate;
    chain.push(new X509Certificate(at.raw));
  }
  return chain;
}

function nameOf(name: x509.Name): Record<string, readonly string[]> {
  const fields: Record<string, string[]> = Object.create(null);
  for (const relative of name.toJSON()) {
    for (const [field, values] of Object.entries(relative)) {
      fields[field] = [...(fields[field] ?? []), ...values];
    }
  }
  return fields;
}

/** OpenSSL's verdict, by the name node gives it. */
function distrusted(verdict: string): Refused {
  return verdict === 'CERT_REVOKED'
    ? refuse('credential_revoked', 'the client certificate is revoked')
    : untrusted(verdict);
}

function untrusted(reason: string): Refused {
  return refuse('certificate_untrusted', reason);
}

/** `AB:CD` as `abcd`. */
function hex(fingerprint: string): string {
  return fingerprint.replaceAll(':', '').toLowerCase();
}
