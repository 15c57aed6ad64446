import { type Check, finding } from '../../check.ts';
import type { Context } from '../../context.ts';
import { more, text } from '../../probe/frames.ts';
import { isOver, type Outcome, openSocket, outcomeText } from '../../probe/socket.ts';
import { type Bound, bisect, boundText, sizeText } from './bisect.ts';
import { marked, passed } from './marks.ts';

const KIB = 1_024;
/** Sizes above this are too much for a message, whatever it says: a few clients fill a server with it. */
const MAX_SENSIBLE = 16 * KIB * KIB;
/** What is announced first: a terabyte. */
const HUGE = 2 ** 40;

const MEND =
  'Bound messages (64 KiB is enough for most), and refuse from the header, with 1009, before the bytes come.';

/** How large a message may be, found without sending one: only the header announces its length. */
export const SIZE_CHECKS: readonly Check[] = [
  {
    id: 'message-size',
    group: 'limits',
    title: 'The length of a message is bounded, and refused from its header',
    weight: 'high',
    standard: 'RFC 6455 §10.4; OWASP ASVS 5.0 §15.2.2',
    why: 'Without a bound one client makes the server hold as much memory as it likes to announce.',
    mend: MEND,
    needs: ['open'],
    seconds: 12,
    async run(context) {
      const found = await messageLimit(context);
      const sent = 'headers that announce messages of up to 2^40 bytes, and one byte of each';
      if (found === undefined)
        return finding.fail(sent, 'a terabyte was announced, and the server waits for it');
      const seen = boundText('messages of', found);
      return found.letIn > MAX_SENSIBLE ? finding.warn(sent, seen) : finding.pass(sent, seen);
    },
  },
  {
    id: 'fragmented-size',
    group: 'limits',
    title: 'The bound holds for all fragments together',
    weight: 'high',
    standard: 'RFC 6455 §10.4, §5.4',
    why: 'A limit for each frame is none for the message that is made of them.',
    mend: 'Add up the fragments of a message, and refuse when the sum passes the bound.',
    needs: ['open'],
    async run(context) {
      const limit = (await messageLimit(context))?.refused;
      if (limit === undefined || limit > context.budget.allowance.bytes / 4)
        return finding.info('nothing', 'no bound was found that the budget allows to pass: see message-size');
      const part = Buffer.alloc(Math.ceil((limit + 1) / 2), 0x20);
      const socket = await openSocket(context);
      socket.send(text(part, { fin: false }), more(part, { fin: false }), more(part, { fin: false }));
      const outcome = await socket.outcome(context.patience.verdict);
      socket.destroy();
      const sent = `three fragments of ${sizeText(part.length)}, none of them the last`;
      return isOver(outcome)
        ? finding.pass(sent, outcomeText(outcome))
        : finding.fail(sent, outcomeText(outcome));
    },
  },
  fragments(),
];

/** Connections that the search may take; then the bound is known to a few hundredths. */
const MAX_STEPS = 14;

/** At least so long is waited for a refusal, in milliseconds; and so many times as long as the first of them took. */
const WAIT = { least: 700, times: 5 } as const;

/** Where the bound is; undefined if even a terabyte is let in. Asked once. */
function messageLimit(context: Context): Promise<Bound | undefined> {
  return context.once('message limit', async () => {
    const { patience } = context;
    const first = await announce(context, HUGE, patience.answer);
    if (!isOver(first)) return undefined;
    // Silence is all that says yes, so how long it must last is taken from how long a no takes here.
    const wait = Math.min(
      patience.answer,
      Math.max(Math.min(WAIT.least, patience.verdict), WAIT.times * first.ms),
    );
    return bisect({ letIn: 0, refused: HUGE }, MAX_STEPS, async (length) =>
      isOver(await announce(context, length, wait)),
    );
  });
}

/** What a header with this length leads to. Not all of the message is ever sent: no application sees it. */
async function announce(context: Context, length: number, milliseconds: number): Promise<Outcome> {
  const socket = await openSocket(context);
  socket.send(text(' ', { declares: BigInt(Math.max(2, length)) }));
  const outcome = await socket.outcome(milliseconds, 'watch');
  socket.destroy();
  return outcome;
}

/** Empty fragments until the server has enough. */
function fragments(): Check {
  const all = 20_000;
  const atOnce = 1_000;
  /** The first of them are looked at more closely: that is where limits are. */
  const first = 256;
  const step = 16;
  return {
    id: 'fragments',
    group: 'limits',
    title: 'The number of fragments of a message is bounded',
    weight: 'medium',
    standard: 'RFC 6455 §10.4; CVE-2026-48779',
    why: 'Each fragment costs a server many times its bytes: thousands of empty ones are a message of no length that fills memory.',
    mend: 'Bound the fragments of a message (128 for example), and close with 1008.',
    needs: ['open'],
    async run(context) {
      const socket = await openSocket(context);
      const sent = `up to ${all} empty fragments of one message`;
      const empty = (count: number) => Array.from({ length: count }, () => more('', { fin: false }));
      try {
        socket.send(...marked([text('', { fin: false }), ...empty(first - 1)], step));
        for (let count = first; ; count += atOnce) {
          const outcome = await socket.outcome(context.patience.answer);
          const number = count === first ? passed(socket, step, first) : `${count - atOnce} to ${count}`;
          if (isOver(outcome)) return finding.pass(sent, `${outcomeText(outcome)} after ${number}`);
          if (outcome.kind === 'silent') return finding.inconclusive(sent, outcomeText(outcome));
          if (count >= all) return finding.fail(sent, 'all of them were taken');
          socket.send(...empty(atOnce));
        }
      } finally {
        socket.destroy();
      }
    },
  };
}
