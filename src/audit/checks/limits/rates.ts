import { OPCODE } from '../../../protocol/frames.ts';
import { type Check, finding } from '../../check.ts';
import type { Context } from '../../context.ts';
import { answerText, isOpened, readAnswer } from '../../probe/answer.ts';
import { connectSecure, Unreachable } from '../../probe/connect.ts';
import { close, ping, text } from '../../probe/frames.ts';
import { upgradeRequest } from '../../probe/request.ts';
import { isOver, OpenSocket, openSocket, outcomeText } from '../../probe/socket.ts';
import type { Wire } from '../../probe/wire.ts';

/** How often, and how many. */
export const RATE_CHECKS: readonly Check[] = [pingFlood(), messageRate(), connections()];

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
      if (isOver(outcome)) return finding.pass(sent, outcomeText(outcome));
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
      if (isOver(outcome)) return finding.pass(sent, outcomeText(outcome));
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
