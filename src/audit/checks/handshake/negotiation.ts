import { type Check, finding } from '../../check.ts';
import type { Context } from '../../context.ts';
import { answerText, isOpened, valuesOf } from '../../probe/answer.ts';
import { ask } from '../../probe/ask.ts';
import type { Change } from '../../probe/request.ts';
import { askAll, neverOpens, tell } from './variants.ts';

const manyNames = Array.from({ length: 10_000 }, (_, i) => `a${i}`).join(', ');

/** Of subprotocols and extensions: RFC 6455 §4.2.2 and §9.1, RFC 7692 §7.1. */
export const NEGOTIATION_CHECKS: readonly Check[] = [
  {
    id: 'subprotocol-invented',
    group: 'handshake',
    title: 'A subprotocol that was not offered is not granted',
    weight: 'medium',
    standard: 'RFC 6455 §4.2.2',
    why: 'Both sides then speak different languages; browsers end the connection.',
    mend: 'Grant one of those that were offered, or none.',
    needs: ['open'],
    async run(context) {
      const answer = await ask(context, { fields: { 'Sec-WebSocket-Protocol': 'sallyport-audit.unknown' } });
      const granted = valuesOf(answer, 'sec-websocket-protocol').join(', ');
      const sent = 'an upgrade that offers sallyport-audit.unknown';
      if (granted !== '' && granted !== 'sallyport-audit.unknown')
        return finding.fail(sent, `${answerText(answer)}, granted: ${granted}`);
      return finding.pass(
        sent,
        granted === '' ? `${answerText(answer)}, nothing granted` : 'granted as offered',
      );
    },
  },
  neverOpens({
    id: 'subprotocol-syntax',
    title: 'A list of subprotocols that is none is refused',
    weight: 'low',
    standard: 'RFC 6455 §4.1; RFC 9110 §5.6.2',
    why: 'Names of subprotocols end in logs, in choices and in headers to the backend: they must be tokens.',
    mend: 'Answer 400 to elements that are empty, repeated or no token.',
    variants: () => [
      ['a,,b', { fields: { 'Sec-WebSocket-Protocol': 'a,,b' } }],
      ['a b', { fields: { 'Sec-WebSocket-Protocol': 'a b' } }],
      ['a, a', { fields: { 'Sec-WebSocket-Protocol': 'a, a' } }],
      ['a "quoted" name', { fields: { 'Sec-WebSocket-Protocol': '"a"' } }],
      ['10,000 names', { fields: { 'Sec-WebSocket-Protocol': manyNames } }],
    ],
  }),
  {
    id: 'deflate-offers',
    group: 'handshake',
    title: 'Wrong offers of permessage-deflate are declined',
    weight: 'low',
    standard: 'RFC 7692 §7.1',
    why: 'A window that zlib cannot have has ended servers (CVE-2026-2229); a parameter that is read differently corrupts every message.',
    mend: 'Decline offers with unknown, repeated or invalid parameters.',
    needs: ['open'],
    async run(context) {
      const offers = [
        'permessage-deflate; unknown',
        'permessage-deflate; client_max_window_bits=7',
        'permessage-deflate; server_max_window_bits=99999',
        'permessage-deflate; server_no_context_takeover; server_no_context_takeover',
      ];
      const answers = await askAll(
        context,
        offers.map((offer) => [offer, { fields: { 'Sec-WebSocket-Extensions': offer } }] as const),
      );
      const wrong = answers.filter(
        ([, answer]) =>
          valuesOf(answer, 'sec-websocket-extensions').length > 0 ||
          answer.kind !== 'head' ||
          answer.status >= 500,
      );
      return tell(wrong.length === 0 ? 'pass' : 'fail', answers, wrong);
    },
  },
  {
    id: 'extensions-many',
    group: 'handshake',
    title: 'A thousand extensions are declined, calmly',
    weight: 'low',
    standard: 'RFC 6455 §9.1, §10.4',
    why: 'Each offer is work before anybody is known; a list that nobody bounds is a list that somebody fills.',
    mend: 'Bound the header, and decline what is not known.',
    needs: ['open'],
    async run(context) {
      const many = Array.from({ length: 1_000 }, (_, i) => `x${i}`).join(', ');
      const answers = await askAll(context, [
        ['1,000 offers', { fields: { 'Sec-WebSocket-Extensions': many } }],
        ['1,000 parameters', { fields: { 'Sec-WebSocket-Extensions': many.replaceAll(',', ';') } }],
        ['a control character', { fields: { 'Sec-WebSocket-Extensions': 'a; b="\x01"' } }],
      ]);
      const wrong = answers.filter(
        ([, answer]) =>
          answer.kind !== 'head' ||
          answer.status >= 500 ||
          valuesOf(answer, 'sec-websocket-extensions').length > 0,
      );
      return tell(wrong.length === 0 ? 'pass' : 'fail', answers, wrong);
    },
  },
  linear({
    id: 'subprotocol-time',
    title: 'Reading subprotocols takes time in proportion',
    standard: 'OWASP ASVS 5.0 §1.3.12; CVE-2021-32640',
    field: 'Sec-WebSocket-Protocol',
    short: `b${' '.repeat(7_000)}x`,
    long: `b${' '.repeat(14_000)}x`,
  }),
  linear({
    id: 'extension-time',
    title: 'Reading extensions takes time in proportion',
    standard: 'OWASP ASVS 5.0 §1.3.12; CVE-2020-7662',
    field: 'Sec-WebSocket-Extensions',
    short: `a;b="${'\\c'.repeat(24)}`,
    long: `a;b="${'\\c'.repeat(26)}`,
  }),
];

interface Linear extends Pick<Check, 'id' | 'title' | 'standard'> {
  readonly field: string;
  readonly short: string;
  readonly long: string;
}

/** Below this nothing is judged: the network alone takes as long. Milliseconds. */
const NOISE = 60;
const TIMES = 4;

interface Timed {
  readonly ms: number;
  readonly text: string;
}

/** The quickest answers to each: what else the server does can only make it slower. In turn, so that it hits both alike. */
async function quickest(
  context: Context,
  changes: readonly [Change, Change],
): Promise<readonly [Timed, Timed]> {
  const best: [Timed, Timed] = [
    { ms: Number.POSITIVE_INFINITY, text: '' },
    { ms: Number.POSITIVE_INFINITY, text: '' },
  ];
  for (let i = 0; i < 2 * TIMES; i++) {
    const which = (i % 2) as 0 | 1;
    const answer = await ask(context, changes[which]);
    const text = isOpened(answer) ? '101' : answerText(answer);
    if (answer.ms < best[which].ms) best[which] = { ms: answer.ms, text };
  }
  return best;
}

function linear({ field, short, long, ...about }: Linear): Check {
  return {
    ...about,
    group: 'handshake',
    weight: 'high',
    why: 'One request of a few kilobytes stops a server that reads it with a pattern that goes back and forth (ReDoS).',
    mend: 'Update the WebSocket library; parse in one pass, and bound the header.',
    alone: true,
    async run(context) {
      const requests = [{ fields: { [field]: short } }, { fields: { [field]: long } }] as const;
      const [few, many] = await quickest(context, requests);
      const sent = `${field} of ${short.length} and of ${long.length} bytes that are slow to read, ${TIMES} times each`;
      const seen = `${few.text} after ${Math.round(few.ms)} ms; ${many.text} after ${Math.round(many.ms)} ms`;
      const isSlow = many.ms - few.ms > NOISE && many.ms > 2.2 * few.ms;
      return isSlow ? finding.fail(sent, seen) : finding.pass(sent, seen);
    },
  };
}
