import { BudgetSpent } from '../audit/budget.ts';
import { type Asker, Throttled } from '../audit/probe/ask.ts';
import { Unreachable } from '../audit/probe/connect.ts';
import { NotOpened } from '../audit/probe/socket.ts';
import type { Case } from './case.ts';
import { Health } from './health.ts';
import { type Messages, messageCase } from './messages.ts';
import { minimise } from './minimise.ts';
import type { Verdict } from './oracle.ts';
import { Random } from './random.ts';
import { requestCase } from './requests.ts';
import { noise, streamCase } from './streams.ts';
import { isThere, tryCase } from './try.ts';

export interface FuzzRequest {
  readonly asker: Asker;
  readonly seed: number;
  readonly cases: number;
  /** Undefined: no messages are made. */
  readonly messages: Messages | undefined;
  /** Asks for the bytes that the endpoint holds. */
  readonly memory: (() => Promise<number | undefined>) | undefined;
  readonly signal: AbortSignal;
}

/** Something that a right server would not do, in the smallest form that was found. */
export interface Finding extends Verdict {
  readonly case: Case;
  /** Its number in the run, from 0; the seed makes it again. */
  readonly index: number;
}

export interface FuzzReport {
  readonly seed: number;
  /** Cases that were tried; fewer than asked for if `ended` says why. */
  readonly tried: number;
  /** Cases of which nothing came, as the endpoint asked for patience or let nobody in. */
  readonly unanswered: number;
  readonly findings: readonly Finding[];
  readonly ended: string | undefined;
}

/** The endpoint is looked at after so many cases. */
const LOOK_EVERY = 10;

/** After so many findings of one kind the next ones are the same to whoever mends them. */
const ENOUGH = 5;

/** Case number `index` of a run: the same for the same seed, whatever came of the cases before. */
export function caseOf(
  { asker, seed, messages }: Pick<FuzzRequest, 'asker' | 'seed' | 'messages'>,
  index: number,
): Case {
  const random = new Random(seed * 1_000_003 + index);
  const kind = random.pick(
    messages ? (['request', 'stream', 'message'] as const) : (['request', 'stream'] as const),
  );
  if (kind === 'message') return messageCase(random, messages!);
  const made = kind === 'request' ? requestCase(random, asker.target, asker.login) : streamCase(random);
  return random.chance(0.2) ? noise(random, made) : made;
}

/** Tries so many cases. Each finding is made as small as it can be and told at once. */
export async function fuzz(
  request: FuzzRequest,
  told: (finding: Finding) => void,
  progress: (tried: number) => void,
): Promise<FuzzReport> {
  const { asker, seed, cases, memory, signal } = request;
  const findings: Finding[] = [];
  const health = new Health(asker, memory);
  let unanswered = 0;
  let index = 0;
  const report = (ended: string | undefined): FuzzReport => ({
    seed,
    tried: index,
    unanswered,
    findings,
    ended,
  });
  const found = (verdict: Verdict, smallest: Case): void => {
    findings.push({ ...verdict, case: smallest, index });
    told(findings.at(-1)!);
  };
  for (; index < cases; index++) {
    if (signal.aborted) return report('interrupted');
    const made = caseOf(request, index);
    try {
      const verdict = await tryCase(asker, made);
      const known = findings.filter(({ oracle }) => oracle === verdict?.oracle).length;
      if (verdict && known < ENOUGH) found(verdict, await smallestOf(asker, made, verdict));
      if (verdict?.oracle === 'crash') return report('the endpoint is gone');
      const ill = index % LOOK_EVERY === 0 ? await health.look() : undefined;
      if (ill && !findings.some(({ oracle }) => oracle === ill.oracle)) found(ill, made);
    } catch (error) {
      if (error instanceof BudgetSpent) return report(error.message);
      if (error instanceof Unreachable && !(await isThere(asker))) {
        found({ oracle: 'crash', seen: error.message }, made);
        return report('the endpoint is gone');
      }
      if (error instanceof Unreachable) continue;
      if (!(error instanceof Throttled) && !(error instanceof NotOpened)) throw error;
      unanswered++;
    }
    progress(index + 1);
  }
  return report(undefined);
}

async function smallestOf(asker: Asker, made: Case, { oracle }: Verdict): Promise<Case> {
  if (oracle === 'crash') return made;
  return await minimise(made, async (smaller) => (await tryCase(asker, smaller))?.oracle === oracle);
}
