import { type Check, finding } from '../../check.ts';
import { greet, helloText } from '../../probe/greet.ts';
import {
  HYBRID_GROUPS,
  KEY_GROUPS,
  OLDER_SUITES,
  SIGNALS,
  type SuiteFault,
  suiteOf,
  VERSIONS,
  WEAK_GROUPS,
} from '../../probe/tls-names.ts';
import { groupsOf, newestOlder, spokenVersions, suitesOf, versionsOf } from './tls-facts.ts';

const MODERN =
  'Take a current profile (Mozilla’s intermediate): TLS 1.2 and 1.3, ECDHE with AEAD, and nothing else.';

/** Of TLS itself, each read off the wire with a ClientHello of our own: what this Node can speak does not matter. */
export const PROTOCOL_CHECKS: readonly Check[] = [
  {
    id: 'tls-old-versions',
    group: 'transport',
    title: 'SSL 3.0, TLS 1.0 and TLS 1.1 are refused',
    weight: 'high',
    standard: 'RFC 8996; RFC 9325 §3.1.1',
    why: 'Their ciphers and hashes are broken (POODLE, BEAST), and a client can be made to fall back to them.',
    mend: MODERN,
    async run(context) {
      const answers = await versionsOf(context);
      const old = (await spokenVersions(context)).filter((version) => version < 0x0303);
      const seen = [0x0300, 0x0301, 0x0302].map(
        (version) => `${VERSIONS[version as 0x0300]}: ${helloText(answers.get(version as 0x0300)!)}`,
      );
      return (old.length === 0 ? finding.pass : finding.fail)('a ClientHello of each', seen.join('; '));
    },
  },
  {
    id: 'tls-new-versions',
    group: 'transport',
    title: 'TLS 1.3 is spoken',
    weight: 'low',
    standard: 'RFC 9325 §3.1.1; NIST SP 800-52r2 §3.1',
    why: 'TLS 1.3 hides the certificate, needs a round trip less, and has no weak choices left.',
    mend: MODERN,
    async run(context) {
      const spoken = await spokenVersions(context);
      const names = spoken.map((version) => VERSIONS[version]).join(', ');
      const sent = 'a ClientHello of TLS 1.2, and one of TLS 1.3';
      if (spoken.includes(0x0304)) return finding.pass(sent, names);
      return finding.fail(sent, names === '' ? 'no version of TLS was answered' : `only ${names}`);
    },
  },
  suiteCheck('tls-broken-suites', 'broken', 'high', {
    title: 'No broken cipher suite is spoken',
    standard: 'RFC 9325 §4.1; RFC 7465',
    why: 'NULL and anonymous suites protect nothing, export and DES keys can be searched, RC4 and 3DES leak what they encrypt.',
  }),
  suiteCheck('tls-forward-secrecy', 'no forward secrecy', 'medium', {
    title: 'Every cipher suite has forward secrecy',
    standard: 'RFC 9325 §4.1',
    why: 'With static RSA, whoever gets the key one day reads all that was ever recorded; and it is open to ROBOT.',
  }),
  suiteCheck('tls-cbc-suites', 'cbc', 'low', {
    title: 'Every cipher suite is authenticated encryption',
    standard: 'RFC 9325 §4.2; RFC 7366',
    why: 'CBC with a separate MAC has been broken by its timing again and again (Lucky 13).',
  }),
  {
    id: 'tls-groups',
    group: 'transport',
    title: 'Key exchange is long enough',
    weight: 'medium',
    standard: 'RFC 9325 §4.1, §4.3',
    why: 'Curves under 224 bits and primes under 2,048 can be broken (Logjam), and with them all that was recorded.',
    mend: 'Offer X25519MLKEM768, X25519, P-256 and P-384; drop DHE.',
    async run(context) {
      const groups = await groupsOf(context);
      const dhe = OLDER_SUITES.filter((suite) => /^TLS_DHE_/.test(suiteOf(suite).name));
      const finite = await greet(context, { version: 0x0303, suites: dhe, groups: [] });
      const bits = finite.kind === 'hello' ? finite.primeBits : undefined;
      const weak = groups.filter((group) => WEAK_GROUPS.includes(group));
      const names = groups.map((group) => KEY_GROUPS[group] ?? String(group));
      const seen = `${names.join(', ') || 'no group'}${bits === undefined ? '; no DHE' : `; DHE with ${bits} bits`}`;
      const isShort = weak.length > 0 || (bits !== undefined && bits < 2_048);
      return (isShort ? finding.fail : finding.pass)('every group in turn; DHE alone', seen);
    },
  },
  {
    id: 'tls-post-quantum',
    group: 'transport',
    title: 'Key exchange resists a quantum computer',
    weight: 'advice',
    standard: 'Mozilla Server Side TLS 6.0; draft-ietf-tls-ecdhe-mlkem',
    why: 'What is recorded today can be read when such a computer is built.',
    mend: 'Offer X25519MLKEM768: OpenSSL 3.5 (Node 24) has it.',
    async run(context) {
      const hybrid = (await groupsOf(context)).filter((group) => HYBRID_GROUPS.includes(group));
      const sent = 'X25519MLKEM768 and its like';
      return hybrid.length > 0
        ? finding.pass(sent, hybrid.map((group) => KEY_GROUPS[group]).join(', '))
        : finding.info(sent, 'none of them is spoken');
    },
  },
  {
    id: 'tls-compression',
    group: 'transport',
    title: 'TLS does not compress',
    weight: 'high',
    standard: 'RFC 9325 §3.3',
    why: 'The length of what is compressed tells what is in it, cookies and tokens included (CRIME).',
    mend: 'Turn TLS compression off.',
    async run(context) {
      const version = (await newestOlder(context))?.version;
      if (version === undefined) return finding.pass('nothing', 'only TLS 1.3 is spoken, which has none');
      const answer = await greet(context, { version, suites: OLDER_SUITES, compression: true });
      const isOn = answer.kind === 'hello' && answer.compression !== 0;
      return (isOn ? finding.fail : finding.pass)('an offer of DEFLATE', isOn ? 'accepted' : 'not accepted');
    },
  },
  {
    id: 'tls-secure-renegotiation',
    group: 'transport',
    title: 'Renegotiation is bound to its connection',
    weight: 'medium',
    standard: 'RFC 5746 §3.6; RFC 9325 §3.5',
    why: 'Without renegotiation_info an attacker can put bytes in front of a client’s first ones.',
    mend: 'Use a TLS library that is not older than 2010.',
    async run(context) {
      const answer = await newestOlder(context);
      if (!answer) return finding.pass('nothing', 'only TLS 1.3 is spoken, which has none');
      const has = answer.extensions.has(0xff01);
      return (has ? finding.pass : finding.fail)(
        'renegotiation_info in a ClientHello',
        has ? 'answered in the ServerHello' : 'not answered',
      );
    },
  },
  {
    id: 'tls-master-secret',
    group: 'transport',
    title: 'The extended master secret is spoken',
    weight: 'low',
    standard: 'RFC 7627; RFC 9325 §3.4',
    why: 'Without it two connections can be made to have the same keys, and what is bound to one holds for the other.',
    mend: 'Use a current TLS library.',
    async run(context) {
      const answer = await newestOlder(context);
      if (!answer) return finding.pass('nothing', 'only TLS 1.3 is spoken, which needs none');
      const has = answer.extensions.has(23);
      return (has ? finding.pass : finding.fail)('extended_master_secret', has ? 'answered' : 'not answered');
    },
  },
  {
    id: 'tls-fallback',
    group: 'transport',
    title: 'A client that fell back is told so',
    weight: 'low',
    standard: 'RFC 7507',
    why: 'An attacker who breaks connections makes clients try older versions; the signal shows that to the server.',
    mend: 'Use a TLS library that knows TLS_FALLBACK_SCSV, or speak one version alone.',
    async run(context) {
      const spoken = (await spokenVersions(context)).toReversed();
      const older = spoken[1];
      if (older === undefined) return finding.pass('nothing', 'there is no older version to fall back to');
      const answer = await greet(context, { version: older, suites: [...OLDER_SUITES, SIGNALS.fallback] });
      const sent = `${VERSIONS[older]} with TLS_FALLBACK_SCSV`;
      return (answer.kind === 'hello' ? finding.fail : finding.pass)(sent, helloText(answer));
    },
  },
  {
    id: 'tls-server-name',
    group: 'transport',
    title: 'What is answered to a name that is not served',
    weight: 'advice',
    standard: 'RFC 6066 §3; RFC 9325 §3.7',
    why: 'A default certificate tells who asks by address alone what names live here.',
    mend: 'Refuse unknown names with unrecognized_name.',
    async run(context) {
      const version = (await spokenVersions(context)).at(-1) ?? 0x0303;
      const answer = await greet(context, {
        version,
        suites: version === 0x0304 ? [0x1301, 0x1302, 0x1303] : OLDER_SUITES,
        serverName: 'sallyport-audit.invalid',
      });
      const sent = 'a ClientHello for sallyport-audit.invalid';
      return answer.kind === 'hello'
        ? finding.info(sent, 'a certificate is shown')
        : finding.pass(sent, helloText(answer));
    },
  },
];

function suiteCheck(
  id: string,
  fault: SuiteFault,
  weight: Check['weight'],
  about: Pick<Check, 'title' | 'standard' | 'why'>,
): Check {
  return {
    id,
    group: 'transport',
    weight,
    ...about,
    mend: MODERN,
    async run(context) {
      const suites = await suitesOf(context);
      const wrong = suites.map(suiteOf).filter((suite) => suite.fault === fault);
      const sent = 'every suite that is known, and again without those that were taken';
      if (suites.length === 0) return finding.inconclusive(sent, 'no suite was taken');
      return wrong.length === 0
        ? finding.pass(sent, `${suites.length} are spoken, none of this kind`)
        : finding.fail(sent, wrong.map(({ name }) => name).join(', '));
    },
  };
}
