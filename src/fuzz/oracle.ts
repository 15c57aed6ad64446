import { type Answer, answerText, isOpened } from '../audit/probe/answer.ts';
import { type Outcome, outcomeText } from '../audit/probe/socket.ts';
import type { Case } from './case.ts';

/** What can be wrong, one row each: `--help`, reports and documents derive from it. */
export const ORACLES = {
  crash: 'The endpoint does not take connections any more.',
  hang: 'Neither an answer nor the end of the connection came, nor a Pong to a Ping.',
  'accepted-request': 'An upgrade request that RFC 6455 or RFC 9112 forbids was answered with 101.',
  'accepted-frame': 'The connection went on after what RFC 6455 demands to fail it for.',
  'wrong-close': 'The Close has a code of another class than what was sent.',
  'dropped-right': 'The connection ended, though nothing was wrong with what was sent.',
  reflected: 'A refusal repeats what was sent.',
  'accepted-message': 'A message that breaks its schema was answered as if it did not.',
  latency: 'The endpoint answers much more slowly than in the beginning.',
  memory: 'The endpoint holds much more memory than in the beginning.',
} as const;

export type Oracle = keyof typeof ORACLES;

/** What came of one case. */
export interface Seen {
  /** For a handshake. */
  readonly answer?: Answer;
  /** What followed the head of a refusal, as far as it came. */
  readonly body?: string;
  /** For frames. */
  readonly outcome?: Outcome;
  readonly closeReason?: string;
  /** Texts that came. */
  readonly texts?: readonly string[];
}

/** A case that a right server would have answered otherwise. */
export interface Verdict {
  readonly oracle: Oracle;
  /** What was seen, in words. */
  readonly seen: string;
}

/** Judges what came of a case; undefined if it is what a right server does, or may do. */
export function judge(tried: Case, seen: Seen): Verdict | undefined {
  return tried.stage === 'handshake' ? judgeRequest(tried, seen) : judgeStream(tried, seen);
}

function judgeRequest({ expected, canary }: Case, { answer, body = '' }: Seen): Verdict | undefined {
  if (!answer) return undefined;
  const head = answer.kind === 'head' ? answer.fields.map((field) => field.join(': ')).join('\n') : '';
  if (!isOpened(answer) && `${head}\n${body}`.includes(canary)) {
    return { oracle: 'reflected', seen: `${answerText(answer)}, with the canary in it` };
  }
  if (expected === 'refuses' && isOpened(answer)) return { oracle: 'accepted-request', seen: '101' };
  if (expected === 'refuses' && answer.kind === 'silent') return { oracle: 'hang', seen: answerText(answer) };
  return undefined;
}

function judgeStream(tried: Case, { outcome, closeReason = '', texts = [] }: Seen): Verdict | undefined {
  if (!outcome) return undefined;
  const { expected, canary, stage, refusal } = tried;
  const seen = outcomeText(outcome);
  // The reason of our own Close may come back with its code (RFC 6455 §7.1.6).
  if (stage !== 'closing' && closeReason.includes(canary)) return { oracle: 'reflected', seen: closeReason };
  if (expected !== 'anything' && outcome.kind === 'silent') return { oracle: 'hang', seen };
  if (refusal !== undefined && outcome.kind === 'alive') {
    const missing = texts.length > 0 && !texts.some((text) => text.includes(refusal));
    return missing
      ? { oracle: 'accepted-message', seen: `answered without ${JSON.stringify(refusal)}` }
      : undefined;
  }
  if (expected === 'goes on' && outcome.kind !== 'alive') return { oracle: 'dropped-right', seen };
  if (typeof expected === 'string' || outcome.kind === 'dropped') return undefined;
  if (outcome.kind === 'alive') return { oracle: 'accepted-frame', seen };
  const codes = outcome.kind === 'closed' && stage !== 'closing' ? expected.closes : [];
  const right = codes.length === 0 || (outcome.kind === 'closed' && codes.includes(outcome.code ?? 1005));
  return right ? undefined : { oracle: 'wrong-close', seen };
}
