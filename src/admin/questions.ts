import { z } from 'zod';
import type { Answers } from '../store/members.ts';
import { REVOCATION } from '../store/revocation-ledger.ts';
import type { RevocationOrder } from '../store/revocations.ts';
import type { Json } from '../store/store.ts';
import type { Operator, SessionPage } from './operator.ts';
import { SESSION_FACTS } from './session-facts.ts';

const text = z.string().max(1_024);

const FILTER = z.strictObject({
  node: text.exactOptional(),
  subject: text.exactOptional(),
  tenant: text.exactOptional(),
  address: text.exactOptional(),
  route: text.exactOptional(),
  identity: text.exactOptional(),
  tokenId: text.exactOptional(),
  certificateSerial: text.exactOptional(),
});

const count = z.int().min(0);

/** What one gateway asks every process of the others: arguments and answer, which come over the network. */
const QUESTIONS = {
  sessions: {
    args: z.tuple([FILTER, text, z.int().min(1).max(500)]),
    answer: z.strictObject({
      sessions: z.array(SESSION_FACTS),
      total: count,
      next: text.optional().transform((next) => next),
    }),
  },
  session: { args: z.tuple([text]), answer: SESSION_FACTS.nullable() },
  kick: { args: z.tuple([text]), answer: z.boolean() },
  kickAll: { args: z.tuple([FILTER]), answer: count },
  enforce: { args: z.tuple([REVOCATION]), answer: count },
} as const;

export type Question = keyof typeof QUESTIONS;
export type Args<Q extends Question> = z.output<(typeof QUESTIONS)[Q]['args']>;
export type Answer<Q extends Question> = z.output<(typeof QUESTIONS)[Q]['answer']>;

/** Asks other gateways. Never rejects: who does not answer is named. */
export type AskOthers = (question: Question, args: readonly unknown[]) => Promise<Answers<unknown>>;

/** Asks other gateways, and reads what they say; an answer that cannot be read is missing. */
export async function askOthers<Q extends Question>(
  ask: AskOthers,
  question: Q,
  ...args: Args<Q>
): Promise<Answers<Answer<Q>>> {
  const { values, missing } = await ask(question, args);
  const read = values.map((value) => QUESTIONS[question].answer.safeParse(value));
  const strange = read.some(({ success }) => !success)
    ? ['a node has answered in a way that is not known here']
    : [];
  return {
    values: read.flatMap(({ success, data }) => (success ? [data as Answer<Q>] : [])),
    missing: [...missing, ...strange],
  };
}

/** What can answer: one process. */
export type Answerer = Pick<Operator, 'sessions' | 'session' | 'kick' | 'kickAll'> & {
  enforce(order: RevocationOrder): number;
};

/** Answers one question of another gateway. @throws Error for what is none */
export async function answerOthers(
  operator: Answerer,
  question: string,
  args: readonly unknown[],
): Promise<Json> {
  switch (question) {
    case 'sessions':
      return jsonOf(cut(await operator.sessions(...QUESTIONS.sessions.args.parse(args))));
    case 'session':
      return jsonOf((await operator.session(...QUESTIONS.session.args.parse(args))) ?? null);
    case 'kick':
      return operator.kick(...QUESTIONS.kick.args.parse(args));
    case 'kickAll':
      return operator.kickAll(...QUESTIONS.kickAll.args.parse(args));
    case 'enforce':
      return operator.enforce(...QUESTIONS.enforce.args.parse(args));
    default:
      throw new RangeError(`nobody here knows ${JSON.stringify(question)}`);
  }
}

/** The largest page that is sent, in UTF-16 units of JSON: a bus takes no message of more than twice that. */
const MOST = 524_288;

/** As many of its sessions as fit into a message; the others are on the next page. */
function cut({ sessions, total, next }: SessionPage): SessionPage {
  if (sessions.length < 2 || JSON.stringify(sessions).length <= MOST) return { sessions, total, next };
  const half = sessions.slice(0, sessions.length >> 1);
  return cut({ sessions: half, total, next: half.at(-1)?.id });
}

/** Without what JSON does not have. */
function jsonOf(value: unknown): Json {
  return JSON.parse(JSON.stringify(value)) as Json;
}
