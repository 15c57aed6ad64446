import { OPCODE } from '../../../protocol/frames.ts';
import { type Check, finding } from '../../check.ts';
import { close, type FrameSpec, more, ping, text } from '../../probe/frames.ts';
import { openSocket, outcomeText } from '../../probe/socket.ts';
import { mustClose } from './bad-frames.ts';

const hex = (bytes: string): Buffer => Buffer.from(bytes, 'hex');

/** Of text, and of the control frames that keep a connection alive: RFC 6455 §5.5, §8.1. */
export const MESSAGE_FRAME_CHECKS: readonly Check[] = [
  mustClose({
    id: 'utf8',
    title: 'Text that is no UTF-8 ends the connection',
    weight: 'medium',
    standard: 'RFC 6455 §8.1',
    why: 'What one reader refuses and the next one mends (with U+FFFD, or by skipping) are two messages: filters are passed that way.',
    mend: 'Check text after it is whole, and close with 1007.',
    code: 1007,
    variants: [
      ['a lone continuation byte', [text(hex('80'))]],
      ['an overlong slash', [text(hex('c0af'))]],
      ['a surrogate', [text(hex('eda080'))]],
      ['beyond U+10FFFF', [text(hex('f4908080'))]],
      ['a character cut at the end', [text(hex('e282'))]],
      ['invalid over two fragments', [text(hex('e2'), { fin: false }), more(hex('28'))]],
    ],
  }),
  {
    id: 'ping',
    group: 'frames',
    title: 'A Ping is answered with its payload, also between fragments',
    weight: 'medium',
    standard: 'RFC 6455 §5.5.2, §5.4',
    why: 'Clients take a server that does not answer for dead, and reconnect: all of them, again and again.',
    mend: 'Answer each Ping with a Pong that carries the same bytes, at once.',
    needs: ['open'],
    async run(context) {
      const sent = 'a Ping of 125 bytes; a fragment, and a Ping before the next';
      const socket = await openSocket(context);
      const mark = Buffer.alloc(125, 'sallyport');
      socket.send(ping(mark));
      const echoed = await socket.until(
        ({ frames }) =>
          frames.some(({ opcode, payload }) => opcode === OPCODE.pong && payload.equals(mark)) || undefined,
        context.patience.answer,
      );
      socket.send(text('', { fin: false }));
      const between = await socket.outcome(context.patience.verdict);
      socket.destroy();
      if (!echoed) return finding.fail(sent, 'no Pong with these bytes');
      if (between.kind !== 'alive') return finding.fail(sent, `between fragments: ${outcomeText(between)}`);
      return finding.pass(sent, 'a Pong each time');
    },
  },
  {
    id: 'pong-unasked',
    group: 'frames',
    title: 'A Pong that nobody asked for is ignored',
    weight: 'low',
    standard: 'RFC 6455 §5.5.3',
    why: 'It is a heartbeat in one direction, which clients may send; who closes on it loses them.',
    mend: 'Read it, and do nothing.',
    needs: ['open'],
    async run(context) {
      const socket = await openSocket(context);
      socket.send({ opcode: OPCODE.pong, payload: Buffer.from('unasked') });
      const outcome = await socket.outcome(context.patience.answer);
      socket.destroy();
      return (outcome.kind === 'alive' ? finding.pass : finding.fail)('a Pong', outcomeText(outcome));
    },
  },
  {
    id: 'server-frames',
    group: 'frames',
    title: 'Frames of the server are not masked, and have no reserved bits',
    weight: 'medium',
    standard: 'RFC 6455 §5.1, §5.2',
    why: 'A client must end a connection on which it gets a masked frame, or one whose meaning was not negotiated.',
    mend: 'Never mask on the server, and compress only after it was agreed.',
    needs: ['open'],
    async run(context) {
      const socket = await openSocket(context);
      await socket.outcome(context.patience.answer);
      socket.send(close(1000));
      await socket.outcome(context.patience.verdict, 'watch');
      socket.destroy();
      const { frames } = socket;
      const wrong = frames.filter(({ masked, rsv }) => masked || rsv !== 0).length;
      const sent = 'a Ping and a Close';
      if (frames.length === 0) return finding.inconclusive(sent, 'no frame came back');
      return wrong === 0
        ? finding.pass(sent, `${frames.length} frames, all right`)
        : finding.fail(sent, `${wrong} of ${frames.length} frames are masked or have reserved bits`);
    },
  },
];

/** The Close that a check sends, and what must come of it. */
const bad = (name: string, ...frames: readonly FrameSpec[]): readonly [string, readonly FrameSpec[]] => [
  name,
  frames,
];

/** Of the end of a connection: RFC 6455 §5.5.1 and §7. */
export const CLOSE_CHECKS: readonly Check[] = [
  {
    id: 'close-answered',
    group: 'frames',
    title: 'A Close is answered, and the server ends TCP first',
    weight: 'medium',
    standard: 'RFC 6455 §5.5.1, §7.1.1',
    why: 'Connections that one side believes to be closed fill the other side’s tables.',
    mend: 'Answer Close with Close and end TCP, at the latest a few seconds later, whatever the client does.',
    needs: ['open'],
    async run(context) {
      const socket = await openSocket(context);
      socket.send(close(1000, 'audit'));
      const answered = await socket.outcome(context.patience.answer, 'watch');
      const ended = await socket.wire.ended(context.patience.answer);
      socket.destroy();
      const sent = 'a Close with 1000; the client keeps TCP open';
      if (answered.kind === 'silent') return finding.fail(sent, 'no Close came back, and TCP stayed open');
      if (!ended) return finding.fail(sent, `${outcomeText(answered)}, but TCP stayed open`);
      return answered.kind === 'closed'
        ? finding.pass(sent, `${outcomeText(answered)}, then TCP ended`)
        : finding.warn(sent, 'TCP ended without a Close');
    },
  },
  closeBodies(),
  {
    id: 'close-then-data',
    group: 'frames',
    title: 'What comes behind a Close is not read',
    weight: 'low',
    standard: 'RFC 6455 §5.5.1, §1.4',
    why: 'Work that is done for a connection that has ended is work that nobody counts.',
    mend: 'Discard everything behind a Close.',
    needs: ['open'],
    async run(context) {
      const mark = Buffer.from('behind the close');
      const socket = await openSocket(context);
      socket.send(close(1000), ping(mark), ping(mark));
      await socket.wire.ended(context.patience.verdict);
      await socket.outcome(1, 'watch');
      const pongs = socket.frames.filter(({ payload }) => payload.equals(mark)).length;
      socket.destroy();
      const sent = 'a Close, and behind it two Pings';
      return pongs === 0 ? finding.pass(sent, 'no Pong') : finding.fail(sent, `${pongs} Pongs`);
    },
  },
  {
    id: 'half-close',
    group: 'frames',
    title: 'A client that ends TCP in the middle of a frame is let go',
    weight: 'low',
    standard: 'RFC 6455 §7.1.7; CVE-2016-10518',
    why: 'Half-open connections pile up; and what a server does with a frame that never became whole must not reach anybody.',
    mend: 'Treat FIN as the end of the connection, and discard what is not whole.',
    needs: ['open'],
    async run(context) {
      const socket = await openSocket(context);
      socket.send(text('only these', { declares: 125n, lengthBits: 7 }));
      socket.wire.halfClose();
      const ended = await socket.wire.ended(context.patience.answer);
      await socket.outcome(1, 'watch');
      const data = socket.frames.filter(({ opcode }) => opcode < OPCODE.close);
      socket.destroy();
      const sent = 'a header that announces 125 bytes, ten of them, and FIN';
      if (data.some(({ payload }) => payload.length > 10))
        return finding.fail(sent, 'bytes came back that were never sent');
      return ended
        ? finding.pass(sent, 'the connection ended')
        : finding.fail(sent, 'the connection stayed open');
    },
  },
];

function closeBodies(): Check {
  return mustClose({
    id: 'close-body',
    title: 'A Close with a wrong body is not answered as if it were right',
    weight: 'low',
    standard: 'RFC 6455 §5.5.1, §7.4',
    why: 'A code that is sent back as it came reaches clients and logs that were written for those that may be sent.',
    mend: 'Answer 1002, or 1007 for a reason that is no UTF-8.',
    code: 1002,
    repeats: 'wrong',
    variants: [
      bad('one byte', { opcode: OPCODE.close, payload: Buffer.from([3]) }),
      bad('code 999', close(999)),
      bad('code 1005', close(1005)),
      bad('code 2999', close(2999)),
      bad('code 65535', close(65_535)),
      bad('a reason that is no UTF-8', close(1000, hex('ff'))),
    ],
  });
}
