import { randomBytes } from 'node:crypto';
import { constants, deflateRawSync } from 'node:zlib';
import { type Check, finding } from '../../check.ts';
import type { Context } from '../../context.ts';
import { isOpened, valuesOf } from '../../probe/answer.ts';
import { ask } from '../../probe/ask.ts';
import { text } from '../../probe/frames.ts';
import { isOver, type Outcome, openSocket, outcomeText } from '../../probe/socket.ts';
import { type Bound, bisect, boundText, sizeText } from './bisect.ts';

/** Of compressed messages: RFC 7692. */
export const DEFLATE_CHECKS: readonly Check[] = [deflateBomb(), deflateBroken()];

const DEFLATE = {
  'Sec-WebSocket-Extensions': 'permessage-deflate; server_no_context_takeover; client_no_context_takeover',
} as const;

function agreesToDeflate(context: Context): Promise<boolean> {
  return context.once('deflate', async () => {
    const answer = await ask(context, { fields: DEFLATE });
    return (
      isOpened(answer) && valuesOf(answer, 'sec-websocket-extensions').join().includes('permessage-deflate')
    );
  });
}

function compressed(bytes: Buffer): Buffer {
  return deflateRawSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH, level: 9 }).subarray(0, -4); // RFC 7692 §7.2.1
}

/** What a bomb becomes, in bytes: blanks, which are a thousand times smaller on the wire. */
const BOMB = 33_554_432; // 32 MiB
/** Messages that the search may take: the application sees those that are let in. */
const STEPS = 7;
/** DEFLATE does no better (RFC 1951 §3.2.5: 258 bytes in two bits). */
const MAX_RATIO = 1_032;
/** The ratio is searched for with messages that are no burden without it, and have room for one; in bytes. */
const PLAIN = { least: 16_384, most: 262_144 } as const;

function deflateBomb(): Check {
  return {
    id: 'deflate-bomb',
    group: 'limits',
    title: 'The bound holds for what compressed messages become',
    weight: 'high',
    standard: 'RFC 7692 §8; CVE-2026-1526',
    why: 'A kilobyte becomes a megabyte: a limit on what comes over the wire is none on what is held.',
    mend: 'Leave permessage-deflate off, or stop inflating when the bound is passed.',
    needs: ['open'],
    alone: true,
    async run(context) {
      if (!(await agreesToDeflate(context)))
        return finding.pass('an offer of permessage-deflate', 'declined');
      const bomb = compressed(blanks(BOMB));
      const outcome = await inflate(context, bomb);
      const sent = `a compressed message of ${bomb.length} bytes that becomes 32 MiB`;
      if (!isOver(outcome)) return finding.fail(sent, outcomeText(outcome));
      const bound = await sizeBound(context);
      const seen = (await ratioBound(context, bound)) ?? boundText('messages that become', bound);
      return finding.pass(`${sent}, and smaller ones`, `${outcomeText(outcome)}; ${seen}`);
    },
  };
}

/** Sends one compressed message. */
async function inflate(context: Context, message: Buffer): Promise<Outcome> {
  context.budget.take('messages', 1);
  const socket = await openSocket(context, { fields: DEFLATE });
  socket.send(text(message, { rsv: 4 }));
  const outcome = await socket.outcome(context.patience.answer);
  socket.destroy();
  return outcome;
}

function blanks(length: number): Buffer {
  return Buffer.alloc(length, ' ');
}

/** How much a message may become that is as small as it can be on the wire. */
function sizeBound(context: Context): Promise<Bound> {
  return bisect({ letIn: 0, refused: BOMB }, STEPS, async (size) =>
    isOver(await inflate(context, compressed(blanks(size)))),
  );
}

/**
 * The ratio that is let in, where it is the ratio that is bounded: a message that becomes as much as one that was refused, but
 * is hardly smaller on the wire, is then let in. Undefined if it is refused too.
 */
async function ratioBound(context: Context, { refused }: Bound): Promise<string | undefined> {
  const size = Math.max(PLAIN.least, refused);
  if (size > PLAIN.most) return undefined;
  const mixed = (ratio: number): Buffer => compressed(mixture(size, ratio));
  const refuses = async (ratio: number): Promise<boolean> => isOver(await inflate(context, mixed(ratio)));
  if (await refuses(1)) return undefined;
  const { letIn } = await bisect({ letIn: 1, refused: MAX_RATIO }, STEPS, refuses);
  const times = Math.round(size / mixed(letIn).length);
  return `messages that become ${sizeText(size)} are let in if that is up to ${times} times what comes over the wire`;
}

/** So many bytes of text that are about this many times smaller when they are compressed. */
function mixture(length: number, ratio: number): Buffer {
  const bytes = blanks(length);
  // Base64 is a third longer than the random bytes that it says, and nothing makes it shorter than those.
  bytes.write(randomBytes(Math.floor(length / ratio)).toString('base64'), 'latin1');
  return bytes;
}

function deflateBroken(): Check {
  return {
    id: 'deflate-broken',
    group: 'limits',
    title: 'Compressed bytes that are none end the connection',
    weight: 'medium',
    standard: 'RFC 7692 §7.2.2; RFC 6455 §7.4.1',
    why: 'What cannot be inflated is no message; who goes on with what came out so far hands on half of one.',
    mend: 'Close with 1007 when inflating fails.',
    needs: ['open'],
    async run(context) {
      if (!(await agreesToDeflate(context)))
        return finding.pass('an offer of permessage-deflate', 'declined');
      const socket = await openSocket(context, { fields: DEFLATE });
      socket.send(text(Buffer.from('ffffffff', 'hex'), { rsv: 4 }));
      const outcome = await socket.outcome(context.patience.verdict);
      socket.destroy();
      const sent = 'a compressed message whose first block has a type that is none';
      return isOver(outcome)
        ? finding.pass(sent, outcomeText(outcome))
        : finding.fail(sent, outcomeText(outcome));
    },
  };
}
