import { type Check, finding } from '../../check.ts';
import { answerText, isOpened, readAnswer } from '../../probe/answer.ts';
import { exchange } from '../../probe/ask.ts';
import { connectSecure } from '../../probe/connect.ts';
import { encodeFrames, ping } from '../../probe/frames.ts';
import { upgradeRequest } from '../../probe/request.ts';
import { OpenSocket, outcomeText } from '../../probe/socket.ts';
import { askAll, isCalm, neverOpens, tell, type Variant } from './variants.ts';

const SMUGGLED = 'GET /sallyport-audit HTTP/1.1\r\nHost: sallyport-audit.invalid\r\n\r\n';
const PARSER = 'Use a server that parses HTTP strictly (RFC 9112), or put a gateway in front that does.';

/** Of the request as an HTTP message: its body, its fields, and what comes behind it. */
export const MESSAGE_CHECKS: readonly Check[] = [
  neverOpens({
    id: 'body',
    title: 'An upgrade with a body is refused',
    weight: 'high',
    standard: 'RFC 9112 §6.1, §6.3',
    why: 'Where one reader sees a body and the next one frames or a request, an attacker’s bytes become somebody else’s request (smuggling).',
    mend: 'Answer 400 to an upgrade with Content-Length or Transfer-Encoding, and close.',
    variants: () => [
      [
        'Content-Length',
        { fields: { 'Content-Length': String(SMUGGLED.length) }, rest: Buffer.from(SMUGGLED) },
      ],
      [
        'Transfer-Encoding: chunked',
        { fields: { 'Transfer-Encoding': 'chunked' }, rest: Buffer.from('0\r\n\r\n') },
      ],
      [
        'both',
        { fields: { 'Content-Length': '5', 'Transfer-Encoding': 'chunked' }, rest: Buffer.from('0\r\n\r\n') },
      ],
      [
        'chunked, identity',
        { fields: { 'Transfer-Encoding': 'chunked, identity' }, rest: Buffer.from('0\r\n\r\n') },
      ],
      ['Transfer-Encoding: xchunked', { fields: { 'Transfer-Encoding': 'xchunked' } }],
      ['two Content-Lengths', { fields: { 'Content-Length': ['0', '5'] }, rest: Buffer.from('12345') }],
    ],
  }),
  pipelined(),
  neverOpens({
    id: 'field-syntax',
    title: 'Fields that break the grammar are refused',
    weight: 'medium',
    standard: 'RFC 9112 §5, §2.2; RFC 9110 §5.5',
    why: 'Each reader mends a broken field in its own way, so that two of them see different requests.',
    mend: PARSER,
    variants: () => [
      ['a space before the colon', { lines: ['X-Audit : 1'] }],
      ['a folded line', { lines: ['X-Audit: 1', ' 2'] }],
      ['a NUL in a value', { lines: ['X-Audit: a\0b'] }],
      ['a field without a name', { lines: [': 1'] }],
      ['a bare LF', { lines: ['X-Audit: 1\nX-Other: 2'] }],
    ],
  }),
  neverOpens({
    id: 'repeated-fields',
    title: 'Fields that may stand once are refused twice',
    weight: 'medium',
    standard: 'RFC 9110 §5.3; RFC 6455 §11.3.1',
    why: 'If the first Authorization is checked and the second one used, or the other way round, a check is walked around.',
    mend: 'Answer 400 to a repeated Authorization or Sec-WebSocket-Key.',
    variants: () => [
      ['Authorization', { fields: { Authorization: ['Bearer sallyport', 'Bearer audit'] } }],
      [
        'Sec-WebSocket-Key',
        { fields: { 'Sec-WebSocket-Key': ['c2FsbHlwb3J0LWF1ZGl0IQ==', 'dGhlIHNlY29uZCBvZiAyIQ=='] } },
      ],
    ],
  }),
  neverOpens({
    id: 'header-size',
    title: 'A header of 128 KiB, or of 2,001 fields, is refused',
    weight: 'medium',
    standard: 'RFC 6585 §5; CVE-2024-37890',
    why: 'What is read before anybody is known must be small: memory for it is given to strangers.',
    mend: 'Bound the header (16 KiB, 100 fields) and answer 431.',
    variants: () => [
      ['128 KiB in one field', { fields: { 'X-Audit': 'a'.repeat(131_072) } }],
      ['2,001 fields', { lines: Array.from({ length: 2_001 }, (_, i) => `x${i}:1`) }],
    ],
  }),
  oddNames(),
  neverContinues(),
  earlyFrames(),
];

function pipelined(): Check {
  return {
    id: 'refusal-closes',
    group: 'handshake',
    title: 'A refused upgrade ends its connection',
    weight: 'medium',
    standard: 'RFC 9110 §7.8; RFC 9112 §9.6',
    why: 'A proxy in front that takes the refused upgrade for a tunnel lets every request behind it pass unseen.',
    mend: 'Answer a refused upgrade with Connection: close, and close; read nothing behind it.',
    async run(context) {
      const { answer, wire } = await exchange(context, {
        fields: { 'Sec-WebSocket-Version': '777', Connection: 'keep-alive, Upgrade' },
        rest: Buffer.from(SMUGGLED.replaceAll('sallyport-audit.invalid', context.target.authority)),
        token: null,
      });
      const sent = 'an upgrade with version 777, and behind it another request';
      if (isOpened(answer)) return finding.fail(sent, 'the upgrade was accepted');
      const ended = await wire.ended(context.patience.verdict);
      const second = /HTTP\/1\.[01] \d{3}/.exec(wire.held.toString('latin1'))?.[0];
      wire.destroy();
      if (second !== undefined)
        return finding.fail(sent, `${answerText(answer)}, then the second was answered: ${second}`);
      return ended
        ? finding.pass(sent, `${answerText(answer)}, then the connection ended`)
        : finding.warn(sent, `${answerText(answer)}, then the connection stayed open`);
    },
  };
}

function oddNames(): Check {
  return {
    id: 'odd-field-names',
    group: 'handshake',
    title: 'Fields named like parts of objects do no harm',
    weight: 'medium',
    standard: 'OWASP ASVS 5.0 §15.3.6; CVE-2026-21710',
    why: 'A server that keeps fields in an object without care ends, or changes what all its objects have.',
    mend: 'Keep fields in a Map, or in an object without a prototype.',
    needs: ['open'],
    async run(context) {
      const answers = await askAll(context, [
        ['__proto__', { lines: ['__proto__: x'] }],
        ['constructor, hasOwnProperty', { lines: ['constructor: x', 'hasOwnProperty: x'] }],
        [
          'an extension named constructor',
          { fields: { 'Sec-WebSocket-Extensions': 'constructor; toString=1' } },
        ],
      ]);
      const wrong = answers.filter(([, answer]) => !isCalm(answer));
      return tell(wrong.length === 0 ? 'pass' : 'fail', answers, wrong);
    },
  };
}

function neverContinues(): Check {
  return {
    id: 'expect-continue',
    group: 'handshake',
    title: 'Expect: 100-continue is not answered with 100',
    weight: 'low',
    standard: 'RFC 9110 §10.1.1',
    why: 'An upgrade has no body to wait for; after a 100 a client waits for an answer that may never come.',
    mend: 'Answer 417, or ignore the field.',
    needs: ['open'],
    async run(context) {
      const variants: Variant[] = [['Expect: 100-continue', { fields: { Expect: '100-continue' } }]];
      const answers = await askAll(context, variants);
      const wrong = answers.filter(([, answer]) => answer.kind !== 'head' || answer.status === 100);
      return tell(wrong.length === 0 ? 'pass' : 'fail', answers, wrong);
    },
  };
}

function earlyFrames(): Check {
  return {
    id: 'early-frames',
    group: 'handshake',
    title: 'Frames in the same packet as the request are read once',
    weight: 'low',
    standard: 'RFC 6455 §4.1',
    why: 'Clients that know the server send at once. Bytes that get lost or come twice desynchronise the connection.',
    mend: 'Hand what was read behind the header to the reader of frames, once the upgrade is accepted.',
    needs: ['open'],
    async run(context) {
      const mark = Buffer.from('sallyport-audit');
      const wire = await connectSecure(context);
      const rest = encodeFrames([ping(mark)]);
      wire.write(upgradeRequest(context.target, context.login, { rest }).bytes);
      const answer = await readAnswer(wire, context.patience.answer);
      const socket = new OpenSocket(wire);
      const outcome = isOpened(answer) ? await socket.outcome(context.patience.verdict) : undefined;
      const pongs = socket.frames.filter(({ payload }) => payload.equals(mark)).length;
      wire.destroy();
      const sent = 'an upgrade and a Ping in one write';
      if (outcome === undefined) return finding.info(sent, `refused: ${answerText(answer)}`);
      if (pongs === 1) return finding.pass(sent, 'one Pong');
      return finding.fail(sent, `${pongs} Pongs; ${outcomeText(outcome)}`);
    },
  };
}
