import { OPCODE } from '../../../protocol/frames.ts';
import { type Check, finding } from '../../check.ts';
import type { Context } from '../../context.ts';
import { answerText, isOpened, readAnswer } from '../../probe/answer.ts';
import { connectSecure, Unreachable } from '../../probe/connect.ts';
import { close, type FrameSpec, ping, text } from '../../probe/frames.ts';
import { upgradeRequest } from '../../probe/request.ts';
import { OpenSocket, openSocket, outcomeText } from '../../probe/socket.ts';
import type { Wire } from '../../probe/wire.ts';

/** How often, how many, and how long. */
export const RATE_CHECKS: readonly Check[] = [
  incomplete({
    id: 'incomplete-message',
    title: 'A message that is never finished ends the connection',
    sends: 'the first fragment of a message, and no other',
    frames: [text('', { fin: false })],
  }),
  incomplete({
    id: 'incomplete-frame',
    title: 'A frame that is never finished ends the connection',
    sends: 'a header that announces 100 bytes, and one of them',
    frames: [text(' ', { declares: 100n, lengthBits: 7 })],
  }),
  liveness(),
  pingFlood(),
  messageRate(),
  connections(),
];

interface Incomplete extends Pick<Check, 'id' | 'title'> {
  readonly sends: string;
  readonly frames: readonly FrameSpec[];
}

/** Pings that come meanwhile are answered: the client is there, it only does not get on. */
function incomplete({ sends, frames, ...about }: Incomplete): Check {
  return {
    ...about,
    group: 'limits',
    weight: 'low',
    standard: 'RFC 6455 §10.4; OWASP ASVS 5.0 §13.1.3',
    why: 'What is held for a message that never comes is held for ever, on as many connections as an attacker can open.',
    mend: 'Give each message a time from its first byte to its last, 10 s for example.',
    needs: ['open'],
    seconds: 16,
    async run(context) {
      const socket = await openSocket(context);
      socket.send(...frames);
      const outcome = await socket.outcome(context.patience.incomplete, 'watch');
      socket.destroy();
      return outcome.kind === 'silent'
        ? finding.warn(sends, `still open after ${seconds(context.patience.incomplete)}`)
        : finding.pass(sends, `${outcomeText(outcome)} after ${seconds(outcome.ms)}`);
    },
  };
}

function seconds(milliseconds: number): string {
  return `${Math.round(milliseconds / 100) / 10} s`;
}

function liveness(): Check {
  return {
    id: 'liveness',
    group: 'limits',
    title: 'A connection on which nothing happens is looked after',
    weight: 'low',
    standard: 'RFC 6455 §5.5.2; OWASP WebSocket Security Cheat Sheet',
    why: 'A peer that is gone without a word is noticed by a Ping or by a limit of idle time, or never.',
    mend: 'Ping every 30 s and close what does not answer, or close after a time without messages.',
    needs: ['open'],
    seconds: 36,
    async run(context) {
      const socket = await openSocket(context);
      const began = performance.now();
      const event = await socket.until(({ frames, wire }) => {
        if (frames.some(({ opcode }) => opcode === OPCODE.ping)) return 'a Ping';
        if (frames.some(({ opcode }) => opcode === OPCODE.close))
          return `a Close (${socket.closeCode ?? 'no code'})`;
        return wire.ending === 'open' ? undefined : 'the end of the connection';
      }, context.patience.idle);
      socket.destroy();
      const sent = 'nothing at all, on an open WebSocket';
      return event === undefined
        ? finding.warn(sent, `neither a Ping nor an end within ${seconds(context.patience.idle)}`)
        : finding.pass(sent, `${event} after ${seconds(performance.now() - began)}`);
    },
  };
}

/** Low enough for a server not to notice, high enough for a limit to. */
const PINGS = 600;

function pingFlood(): Check {
  return {
    id: 'ping-flood',
    group: 'limits',
    title: 'Pings are not answered without end',
    weight: 'low',
    standard: 'RFC 6455 §5.5.3, §10.4',
    why: 'A Ping costs little and demands an answer, and most limits of messages do not count it.',
    mend: 'Bound control frames (30 a second for example), or answer the latest of many Pings alone.',
    needs: ['open'],
    alone: true,
    async run(context) {
      const socket = await openSocket(context);
      const payload = Buffer.alloc(125, 1);
      socket.send(...Array.from({ length: PINGS }, () => ping(payload)));
      const outcome = await socket.outcome(context.patience.answer);
      const pongs = socket.frames.filter(
        (frame) => frame.opcode === OPCODE.pong && frame.payload.equals(payload),
      ).length;
      socket.destroy();
      const sent = `${PINGS} Pings of 125 bytes at once`;
      if (outcome.kind === 'closed' || outcome.kind === 'dropped')
        return finding.pass(sent, outcomeText(outcome));
      return pongs < PINGS / 2
        ? finding.pass(sent, `${pongs} Pongs: not every Ping is answered`)
        : finding.fail(sent, `${pongs} Pongs, and the connection stays open`);
    },
  };
}

/** Below these numbers nothing is concluded from not finding a limit: real clients may need that much. */
const CONCLUSIVE = { messages: 1_000, sockets: 200 } as const;

function messageRate(): Check {
  return {
    id: 'message-rate',
    group: 'limits',
    title: 'The rate of messages is bounded',
    weight: 'medium',
    standard: 'OWASP WebSocket Security Cheat Sheet; OWASP ASVS 5.0 §2.4.1',
    why: 'One client’s messages take the time that was meant for all.',
    mend: 'Bound the messages of each connection, by a rate and a burst.',
    needs: ['open'],
    alone: true,
    async run(context) {
      const { allowance, spent } = context.budget;
      const count = allowance.messages - spent.messages;
      const socket = await openSocket(context);
      context.budget.take('messages', count);
      socket.send(...Array.from({ length: count }, () => text('"sallyport-audit"')));
      const outcome = await socket.outcome(context.patience.answer);
      socket.destroy();
      const sent = `${count} small text messages at once`;
      if (outcome.kind === 'closed' || outcome.kind === 'dropped')
        return finding.pass(sent, outcomeText(outcome));
      const seen = 'no end to it';
      if (count >= CONCLUSIVE.messages) return finding.fail(sent, seen);
      return finding.info(sent, `${seen}; from --budget messages=${CONCLUSIVE.messages} on that is a fault`);
    },
  };
}

function connections(): Check {
  return {
    id: 'connections-per-address',
    group: 'limits',
    title: 'The connections of one address are bounded',
    weight: 'medium',
    standard: 'OWASP WebSocket Security Cheat Sheet; CWE-770',
    why: 'One machine opens all the connections that a server has.',
    mend: 'Bound the open connections of an address and of an identity.',
    needs: ['open'],
    alone: true,
    async run(context) {
      const { sockets } = context.budget.allowance;
      const wires: Wire[] = [];
      let refusal: string | undefined;
      while (wires.length < sockets && refusal === undefined) {
        const count = Math.min(AT_ONCE, sockets - wires.length);
        const refusals = await Promise.all(Array.from({ length: count }, () => oneMore(context, wires)));
        refusal = refusals.find((each) => each !== undefined);
      }
      for (const wire of wires) leave(wire);
      const sent = `${sockets} WebSockets held open at once`;
      if (refusal !== undefined) return finding.pass(sent, `after ${wires.length}: ${refusal}`);
      if (sockets >= CONCLUSIVE.sockets) return finding.fail(sent, 'all of them opened');
      return finding.info(
        sent,
        `all of them opened; from --budget sockets=${CONCLUSIVE.sockets} on that is a fault`,
      );
    },
  };
}

/** Opened together: fewer than a client that loads a page would. */
const AT_ONCE = 5;

/** Opens one more; says how it was refused. */
async function oneMore(context: Context, wires: Wire[]): Promise<string | undefined> {
  try {
    const wire = await connectSecure(context);
    wire.write(upgradeRequest(context.target, context.login).bytes);
    const answer = await readAnswer(wire, context.patience.answer);
    if (!isOpened(answer)) {
      wire.destroy();
      return answerText(answer);
    }
    wires.push(wire);
    return undefined;
  } catch (error) {
    if (error instanceof Unreachable) return error.code;
    throw error;
  }
}

function leave(wire: Wire): void {
  new OpenSocket(wire).send(close(1000));
  wire.destroy();
}
