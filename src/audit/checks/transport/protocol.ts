import { type Check, finding } from '../../check.ts';
import { greet, helloText } from '../../probe/greet.ts';
import { OLDER_SUITES, SIGNALS, VERSIONS } from '../../probe/tls-names.ts';
import { MODERN, newestOlder, spokenVersions, versionsOf } from './tls-facts.ts';

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
