import { OPCODE } from '../../../protocol/frames.ts';
import { DEFAULT_ALLOWANCE } from '../../budget.ts';
import { type Check, finding, silence } from '../../check.ts';
import type { Context } from '../../context.ts';
import { type FrameSpec, text } from '../../probe/frames.ts';
import { openSocket, outcomeText } from '../../probe/socket.ts';

/** How long. */
export const TIME_CHECKS: readonly Check[] = [
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
        ? silence(context, sends, `still open after ${seconds(context.patience.incomplete)}`)
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
      const { idle } = context.patience;
      const isPatient = context.budget.allowance.seconds > DEFAULT_ALLOWANCE.seconds;
      const [living, dead] = await Promise.all(
        [true, false].map((answers) => silent(context, answers, isPatient)),
      );
      const sent = 'nothing on two open WebSockets; one of them answers Pings';
      if (living === undefined && dead === undefined)
        return silence(context, sent, `neither a Ping nor an end within ${seconds(idle)}`);
      const told = (text: string | undefined): string => text ?? `nothing within ${seconds(idle)}`;
      return finding.pass(
        sent,
        isPatient
          ? `to the one that answers: ${told(living)}; to the other: ${told(dead)}`
          : told(living ?? dead),
      );
    },
  };
}

/**
 * What happens on an open WebSocket on which nothing is sent: the first Ping, and the end, for who allows more time than
 * usual; undefined for neither.
 */
async function silent(
  context: Context,
  answersPing: boolean,
  isPatient: boolean,
): Promise<string | undefined> {
  const socket = await openSocket(context);
  socket.answersPing = answersPing;
  const began = performance.now();
  const since = (): string => `after ${seconds(performance.now() - began)}`;
  let ping: string | undefined;
  const outcome = await socket.until((each) => {
    if (each.frames.some(({ opcode }) => opcode === OPCODE.ping)) ping ??= `a Ping ${since()}`;
    if (each.frames.some(({ opcode }) => opcode === OPCODE.close))
      return `a Close (${each.closeCode ?? 'no code'}) ${since()}`;
    if (each.wire.ending !== 'open') return `the end of the connection ${since()}`;
    return ping === undefined || isPatient ? undefined : '';
  }, context.patience.idle);
  socket.destroy();
  const said = [ping, outcome].filter(Boolean);
  return said.length === 0 ? undefined : said.join(', ');
}
