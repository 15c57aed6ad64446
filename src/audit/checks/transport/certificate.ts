import type { KeyObject, X509Certificate } from 'node:crypto';
import { checkIdentity } from '../../../protocol/server-identity.ts';
import { type Check, finding } from '../../check.ts';
import { certificateExtensions, readDer, signatureOid } from '../../probe/der.ts';
import { servedCertificates } from './tls-facts.ts';

const DAY = 86_400_000; // ms

/** Faults of a chain that are the business of another check. */
const ELSEWHERE: ReadonlySet<string> = new Set(['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID']);

/** In words that help, what OpenSSL calls by its own names. */
const CHAIN_FAULTS: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: 'the certificate is signed by itself',
  SELF_SIGNED_CERT_IN_CHAIN: 'the chain ends in a root that is not trusted',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    'the issuer is not known: an intermediate is missing, or the root is private (--ca)',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    'the issuer is not known: an intermediate is missing, or the root is private (--ca)',
  UNABLE_TO_GET_ISSUER_CERT: 'the chain is not complete',
};

/** Of the certificate that clients are shown: RFC 5280, RFC 9525. */
export const CERTIFICATE_CHECKS: readonly Check[] = [
  {
    id: 'certificate-chain',
    group: 'transport',
    title: 'The chain leads to a trusted root',
    weight: 'critical',
    standard: 'RFC 5280 §6; RFC 9325 §3.2',
    why: 'A certificate that nobody vouches for proves nothing: clients refuse it, or are taught to accept anybody’s.',
    mend: 'Serve the certificate with all its intermediates, from an authority that clients trust.',
    async run(context) {
      const { chain, fault } = await servedCertificates(context);
      const names = chain.map(nameOf).join(' ← ');
      const sent = 'a TLS handshake';
      if (fault === undefined || ELSEWHERE.has(fault)) return finding.pass(sent, names);
      return finding.fail(sent, `${CHAIN_FAULTS[fault] ?? fault}: ${names}`);
    },
  },
  {
    id: 'certificate-name',
    group: 'transport',
    title: 'The certificate is for this host',
    weight: 'critical',
    standard: 'RFC 9525 §6',
    why: 'A certificate for another name is what an attacker has, too.',
    mend: 'Have a certificate issued with the host as a subjectAltName.',
    async run(context) {
      const { host } = context.target;
      const own = (await servedCertificates(context)).chain[0]!;
      const fault = checkIdentity(host, own.toLegacyObject());
      const names = own.subjectAltName ?? 'no subjectAltName';
      return (fault ? finding.fail : finding.pass)(`a TLS handshake for ${host}`, names);
    },
  },
  dates(),
  {
    id: 'certificate-lifetime',
    group: 'transport',
    title: 'The certificate lives for a year at most',
    weight: 'low',
    standard: 'CA/Browser Forum BR §6.3.2; Mozilla Server Side TLS 6.0',
    why: 'A key that leaked is good for as long as its certificate; who renews once in years has forgotten how.',
    mend: 'Renew by ACME, every 90 days or sooner.',
    async run(context) {
      const own = (await servedCertificates(context)).chain[0]!;
      const days = Math.round((Date.parse(own.validTo) - Date.parse(own.validFrom)) / DAY);
      return (days > 398 ? finding.fail : finding.pass)('a TLS handshake', `${days} days`);
    },
  },
  {
    id: 'certificate-key',
    group: 'transport',
    title: 'Keys are long enough',
    weight: 'high',
    standard: 'RFC 9325 §4.3; NIST SP 800-57',
    why: 'A key that can be computed lets anybody be this server.',
    mend: 'P-256, or RSA with 2,048 bits or more.',
    async run(context) {
      const { chain } = await servedCertificates(context);
      const keys = chain.map(({ publicKey }) => keyFacts(publicKey));
      const seen = keys.map(({ text }) => text).join(' ← ');
      return (keys.some(({ isShort }) => isShort) ? finding.fail : finding.pass)('a TLS handshake', seen);
    },
  },
  {
    id: 'certificate-signature',
    group: 'transport',
    title: 'Signatures are not made with MD5 or SHA-1',
    weight: 'high',
    standard: 'RFC 9325 §4.3; RFC 9155',
    why: 'Two certificates with one SHA-1 can be made: one that is signed, and one that the attacker wants.',
    mend: 'Have the certificate issued anew, with SHA-256.',
    async run(context) {
      const { chain } = await servedCertificates(context);
      // A root is trusted because it is there: its own signature proves nothing (RFC 5280 §6.1).
      const signed = chain.filter((each, i) => i === 0 || !isRoot(each));
      const names = signed.map((each) => SIGNATURES[signatureOid(each.raw)] ?? signatureOid(each.raw));
      const isWeak = names.some((name) => /MD5|SHA-1\b|MD2/.test(name));
      return (isWeak ? finding.fail : finding.pass)('a TLS handshake', names.join(' ← '));
    },
  },
  {
    id: 'certificate-revocation',
    group: 'transport',
    title: 'A client can learn that the certificate was revoked',
    weight: 'medium',
    standard: 'RFC 5280 §4.2.1.13; RFC 6960; RFC 7633',
    why: 'A key that was stolen stays good until clients hear of it; and who must staple and does not is refused.',
    mend: 'A certificate that names its CRL or OCSP responder, or one that lives for days; staple what must be stapled.',
    async run(context) {
      const { chain, stapled } = await servedCertificates(context);
      const extensions = certificateExtensions(chain[0]!.raw);
      const ways = [
        ...(stapled ? [`a stapled OCSP response (${stapled})`] : []),
        ...((chain[0]!.infoAccess ?? '').includes('OCSP') ? ['an OCSP responder'] : []),
        ...(extensions.has(OID.crl) ? ['a CRL'] : []),
      ];
      const must = mustStaple(extensions.get(OID.feature));
      const sent = 'a TLS handshake with status_request';
      if (stapled === 'revoked') return finding.fail(sent, 'the stapled OCSP response says: revoked');
      if (must && !stapled)
        return finding.fail(sent, 'the certificate says that it must be stapled, and it is not');
      return ways.length > 0
        ? finding.pass(sent, ways.join(', '))
        : finding.info(sent, 'neither OCSP nor a CRL');
    },
  },
];

const OID = { crl: '2.5.29.31', feature: '1.3.6.1.5.5.7.1.24' } as const;

/** TLS feature 5 is status_request (RFC 7633 §4). */
function mustStaple(feature: Buffer | undefined): boolean {
  const list = feature && readDer(feature)[0];
  return list !== undefined && readDer(list.body).some(({ body }) => body.length === 1 && body[0] === 5);
}

const SIGNATURES: Readonly<Record<string, string>> = {
  '1.2.840.113549.1.1.2': 'RSA with MD2',
  '1.2.840.113549.1.1.4': 'RSA with MD5',
  '1.2.840.113549.1.1.5': 'RSA with SHA-1',
  '1.2.840.113549.1.1.10': 'RSA-PSS',
  '1.2.840.113549.1.1.11': 'RSA with SHA-256',
  '1.2.840.113549.1.1.12': 'RSA with SHA-384',
  '1.2.840.113549.1.1.13': 'RSA with SHA-512',
  '1.2.840.10045.4.1': 'ECDSA with SHA-1',
  '1.2.840.10045.4.3.2': 'ECDSA with SHA-256',
  '1.2.840.10045.4.3.3': 'ECDSA with SHA-384',
  '1.2.840.10045.4.3.4': 'ECDSA with SHA-512',
  '1.3.101.112': 'Ed25519',
};

function keyFacts(key: KeyObject): { text: string; isShort: boolean } {
  const { modulusLength, namedCurve } = key.asymmetricKeyDetails ?? {};
  const type = key.asymmetricKeyType ?? 'unknown';
  if (type === 'rsa' || type === 'rsa-pss' || type === 'dsa') {
    return { text: `${type} ${modulusLength}`, isShort: (modulusLength ?? 0) < 2_048 };
  }
  const isShort = namedCurve !== undefined && /192|160|163|112|128|224/.test(namedCurve);
  return { text: namedCurve ?? type, isShort };
}

function isRoot(certificate: X509Certificate): boolean {
  return certificate.subject === certificate.issuer;
}

function nameOf({ subject }: X509Certificate): string {
  return /^CN=(.*)$/m.exec(subject)?.[1] ?? subject.split('\n').at(-1) ?? '';
}

/** Under a third of its life, or under two weeks, a renewal is late. */
const LATE = 14 * DAY;

function dates(): Check {
  return {
    id: 'certificate-dates',
    group: 'transport',
    title: 'The certificate is valid, and will be for a while',
    weight: 'critical',
    standard: 'RFC 5280 §4.1.2.5',
    why: 'From that second on no new connection succeeds: browsers report close code 1006 without a reason, programs a TLS error, and all that reconnect do so at once. Open sockets go on.',
    mend: 'Renew by ACME two thirds through its life, alarm 30 days before the end, and swap without a restart.',
    async run(context) {
      const { chain } = await servedCertificates(context);
      const now = Date.now();
      const notYet = chain.find((each) => Date.parse(each.validFrom) > now);
      const first = chain.toSorted((a, b) => Date.parse(a.validTo) - Date.parse(b.validTo))[0]!;
      const left = Date.parse(first.validTo) - now;
      const days = Math.floor(left / DAY);
      const sent = 'a TLS handshake';
      if (notYet) return finding.fail(sent, `${nameOf(notYet)} is not valid before ${notYet.validFrom}`);
      if (left <= 0) return finding.fail(sent, `${nameOf(first)} expired on ${first.validTo}`);
      const life = Date.parse(first.validTo) - Date.parse(first.validFrom);
      const seen = `${days} days left; from ${first.validTo} on, new connections fail`;
      // A certificate of a few days is renewed in its last hours, and that is how it should be.
      return left < Math.min(LATE, life / 4) ? finding.warn(sent, `only ${seen}`) : finding.pass(sent, seen);
    },
  };
}
