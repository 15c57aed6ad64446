import { OPCODE } from '../../../protocol/frames.ts';
import { type Check, finding } from '../../check.ts';
import { answerText, isOpened, readAnswer } from '../../probe/answer.ts';
import { exchange } from '../../probe/ask.ts';
import { connectSecure } from '../../probe/connect.ts';
import { encodeFrames, ping } from '../../probe/frames.ts';
import { upgradeRequest } from '../../probe/request.ts';
import { isOver, OpenSocket, outcomeText } from '../../probe/socket.ts';
import { askAll, isCalm, tell } from './variants.ts';

const KIB = 1_024;

/** Of what a stranger may send before anything is known of it: too much in one place. */
export const EXCESS_CHECKS: readonly Check[] = [endlessHeader(), cookies(), earlyFlood()];

/** What CVE-2023-43669 was shown with; the budget allows less, if nothing else is said. */
const LONGEST = 20 * KIB * KIB;

function endlessHeader(): Check {
  return {
    id: 'header-endless',
    group: 'handshake',
    title: 'A header that does not end is cut off',
    weight: 'medium',
    standard: 'RFC 6585 §5; CVE-2023-43669',
    why: 'Who waits for the end of a line before it is measured holds whatever a stranger likes to send, once for each connection.',
    mend: 'Bound the header while it is read (16 KiB), answer 431 and close.',
    async run(context) {
      const most = Math.min(LONGEST, Math.floor(context.budget.allowance.bytes / 8));
      const wire = await connectSecure(context);
      const { bytes } = upgradeRequest(context.target, context.login, { token: null });
      wire.write(Buffer.concat([bytes.subarray(0, -2), Buffer.from('X-Audit: ')]));
      let sent = 0;
      // Twice as much each time, with a look in between: a server that stops early is sent little.
      for (
        let next = 16 * KIB;
        sent < most && wire.ending === 'open' && wire.held.length === 0;
        next = sent
      ) {
        const piece = Math.min(next, most - sent);
        wire.write(Buffer.alloc(piece, 'a'));
        sent += piece;
        await wire.until(({ held, ending }) => held.length > 0 || ending !== 'open' || undefined, LOOK);
      }
      const answer = await readAnswer(wire, context.patience.verdict);
      wire.destroy();
      const about = `a header line without an end, up to ${most / KIB} KiB of it`;
      return answer.kind === 'silent'
        ? finding.fail(about, `${sent / KIB} KiB were taken, without an answer`)
        : finding.pass(about, `${answerText(answer)} within ${sent / KIB} KiB`);
    },
  };
}

/** For an answer between two pieces of a header, in milliseconds. */
const LOOK = 250;

function cookies(): Check {
  return {
    id: 'cookies',
    group: 'handshake',
    title: 'A flood of cookies does no harm',
    weight: 'low',
    standard: 'RFC 6265 §6.1; OWASP ASVS 5.0 §4.2.5',
    why: 'A sibling domain can plant cookies until every request of a user is too large: a server that then fails, or falls silent, locks the user out.',
    mend: 'Bound the header, and answer 431 to what is too large.',
    needs: ['open'],
    async run(context) {
      // Behind the fields, so that a cookie with a token stays the first.
      const answers = await askAll(context, [
        ['a cookie of 16 KiB', { lines: [`Cookie: audit=${'a'.repeat(16 * KIB)}`] }],
        [
          '500 cookies',
          { lines: [`Cookie: ${Array.from({ length: 500 }, (_, i) => `a${i}=1`).join('; ')}`] },
        ],
      ]);
      const wrong = answers.filter(([, answer]) => !isCalm(answer));
      return tell(wrong.length === 0 ? 'pass' : 'fail', answers, wrong);
    },
  };
}

const PONG = { opcode: OPCODE.pong, payload: Buffer.alloc(122, 'a') };
/** Pongs that nobody asked for: they are allowed, and reach no application (RFC 6455 §5.5.3). A mebibyte of them. */
const EARLY = Array.from({ length: 8_192 }, () => PONG);

function earlyFlood(): Check {
  return {
    id: 'early-flood',
    group: 'handshake',
    title: 'What is sent before the answer is bounded',
    weight: 'low',
    standard: 'RFC 6455 §4.1; CVE-2025-64763',
    why: 'A client must wait for the answer. What comes earlier is held for somebody who may yet be refused, while a token is checked or a backend is dialled.',
    mend: 'Hold a few KiB (4 for example), and answer 400 to more.',
    needs: ['open'],
    async run(context) {
      const mark = Buffer.from('sallyport-audit');
      const rest = encodeFrames([...EARLY, ping(mark)]);
      const { answer, wire } = await exchange(context, { rest });
      const sent = `an upgrade, and ${Math.round(rest.length / KIB)} KiB of Pongs in the same breath`;
      if (!isOpened(answer)) {
        wire.destroy();
        return finding.pass(sent, answerText(answer));
      }
      const socket = new OpenSocket(wire);
      const outcome = await socket.outcome(context.patience.answer, 'watch', mark);
      wire.destroy();
      const seen = `the WebSocket opens; ${outcomeText(outcome)}`;
      return isOver(outcome)
        ? finding.pass(sent, seen)
        : finding.warn(sent, `${seen}, and all of it was taken`);
    },
  };
}
