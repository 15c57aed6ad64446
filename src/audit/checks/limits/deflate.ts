import { constants, deflateRawSync } from 'node:zlib';
import { type Check, finding } from '../../check.ts';
import type { Context } from '../../context.ts';
import { isOpened, valuesOf } from '../../probe/answer.ts';
import { ask } from '../../probe/ask.ts';
import { text } from '../../probe/frames.ts';
import { isOver, openSocket, outcomeText } from '../../probe/socket.ts';

/** Of compressed messages: RFC 7692. */
export const DEFLATE_CHECKS: readonly Check[] = [deflateRatio(), deflateBroken()];

const DEFLATE = {
  'Sec-WebSocket-Extensions': 'permessage-deflate; server_no_context_takeover; client_no_context_takeover',
} as const;
/** What a bomb becomes, in bytes: zeros, which are a thousand times smaller on the wire. */
const BOMB_BYTES = 33_554_432; // 32 MiB

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

function deflateRatio(): Check {
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
      const bomb = compressed(Buffer.alloc(BOMB_BYTES));
      const sent = `a compressed message of ${bomb.length} bytes that becomes 32 MiB`;
      if (!(await agreesToDeflate(context)))
        return finding.pass('an offer of permessage-deflate', 'declined');
      context.budget.take('messages', 1);
      const socket = await openSocket(context, { fields: DEFLATE });
      socket.send(text(bomb, { rsv: 4 }));
      const outcome = await socket.outcome(context.patience.answer);
      socket.destroy();
      return isOver(outcome)
        ? finding.pass(sent, outcomeText(outcome))
        : finding.fail(sent, outcomeText(outcome));
    },
  };
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
