import { type Check, finding } from '../../check.ts';
import { greet, helloText, isGreeted } from '../../probe/greet.ts';
import { OLDER_SUITES, TLS13_SUITES } from '../../probe/tls-names.ts';
import { spokenVersions } from './tls-facts.ts';

/** The header of a proxy, from somebody who is none. */
export const proxyHeader: Check = {
  id: 'proxy-header',
  group: 'transport',
  title: 'A PROXY header from a stranger is not believed',
  weight: 'medium',
  standard: 'OWASP ASVS 5.0 §4.1.3; PROXY protocol 2.0 §2',
  why: 'Whoever may say which address they come from walks around every limit and every list by address, and writes the log.',
  mend: 'Take PROXY headers from the addresses of your own proxies alone, and close on others.',
  async run(context) {
    const version = (await spokenVersions(context)).at(-1) ?? 0x0303;
    const suites = version === 0x0304 ? TLS13_SUITES : OLDER_SUITES;
    const before = Buffer.from('PROXY TCP4 192.0.2.1 192.0.2.2 50000 443\r\n');
    const answer = await greet(context, { version, suites, before });
    const sent = 'PROXY TCP4 192.0.2.1 …, and a ClientHello behind it';
    return isGreeted(answer)
      ? finding.fail(sent, `taken: ${helloText(answer)}`)
      : finding.pass(sent, helloText(answer));
  },
};
