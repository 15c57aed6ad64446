import { OPCODE } from '../../../protocol/frames.ts';
import { type Check, finding } from '../../check.ts';
import { ping, text } from '../../probe/frames.ts';
import { isOver, openSocket, outcomeText } from '../../probe/socket.ts';
import { marked, passed } from './marks.ts';

/** How often. */
export const RATE_CHECKS: readonly Check[] = [pingFlood(), messageRate()];

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
      if (isOver(outcome)) return finding.pass(sent, `${outcomeText(outcome)} after ${pongs} Pongs`);
      return pongs < PINGS / 2
        ? finding.pass(sent, `${pongs} Pongs: not every Ping is answered`)
        : finding.fail(sent, `${pongs} Pongs, and the connection stays open`);
    },
  };
}

/** From so many on, not finding a limit is a fault: real clients may need that many. */
const CONCLUSIVE = 1_000;
/** Pings among the messages, to see how many of them were taken; few enough for no limit of Pings. */
const MARKS = 20;

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
      const messages = Array.from({ length: count }, () => text('"sallyport-audit"'));
      const step = Math.ceil(count / MARKS);
      socket.send(...marked(messages, step));
      const outcome = await socket.outcome(context.patience.answer);
      socket.destroy();
      const sent = `${count} small text messages at once`;
      if (isOver(outcome))
        return finding.pass(sent, `${outcomeText(outcome)} after ${passed(socket, step, count)} of them`);
      const seen = 'all of them are taken';
      if (allowance.messages >= CONCLUSIVE) return finding.fail(sent, seen);
      return finding.info(sent, `${seen}; from --budget messages=${CONCLUSIVE} on that is a fault`);
    },
  };
}
