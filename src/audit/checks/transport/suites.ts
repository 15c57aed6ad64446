import { type Check, finding } from '../../check.ts';
import { greet } from '../../probe/greet.ts';
import {
  HYBRID_GROUPS,
  KEY_GROUPS,
  OLDER_SUITES,
  type SuiteFault,
  suiteOf,
  WEAK_GROUPS,
} from '../../probe/tls-names.ts';
import { groupsOf, MODERN, suitesOf } from './tls-facts.ts';

/** Of what keys are made with, and what they are used in. */
export const SUITE_CHECKS: readonly Check[] = [
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
      const all = suites.map(suiteOf);
      const wrong = all.filter((suite) => suite.fault === fault);
      const sent = 'every suite that is known, and again without those that were taken';
      if (suites.length === 0) return finding.inconclusive(sent, 'no suite was taken');
      return wrong.length === 0
        ? finding.pass(sent, `none of the ${all.length} that are spoken: ${namesOf(all)}`)
        : finding.fail(sent, namesOf(wrong));
    },
  };
}

function namesOf(suites: readonly { readonly name: string }[]): string {
  return suites.map(({ name }) => name).join(', ');
}
