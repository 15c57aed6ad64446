import type { Budget } from './budget.ts';
import type { Check } from './check.ts';
import { CHECKS } from './checks/list.ts';
import { establish, type Wanted } from './establish.ts';
import { type Grade, grade } from './grade.ts';
import { judge, type Result } from './judge.ts';
import type { Target } from './target.ts';

/** Everything about an audit that the user decides. */
export interface AuditRequest extends Wanted {
  /** Groups and ids of checks; undefined: all. */
  readonly only: readonly string[] | undefined;
}

/** What an audit found; the forms of the report are made from it. */
export interface AuditReport {
  readonly target: Target;
  /** ISO 8601. */
  readonly began: string;
  readonly seconds: number;
  readonly grade: Grade;
  /** The rules that took the grade from A+. */
  readonly because: readonly string[];
  /** Groups and ids that were asked for; undefined: all. */
  readonly only: readonly string[] | undefined;
  readonly results: readonly Result[];
  readonly spent: Readonly<Budget['spent']>;
}

/** Called when a check ends. */
export type Progress = (result: Result, done: number, all: number) => void;

/** So many checks run at once; the budget bounds how fast they connect. */
const AT_ONCE = 8;

/** Runs the checks against the endpoint. @throws Unreachable if there is nothing at all. */
export async function audit(request: AuditRequest, progress: Progress = () => {}): Promise<AuditReport> {
  const began = new Date();
  const { only, asker } = request;
  const chosen = CHECKS.filter(
    ({ id, group }) => only === undefined || only.includes(group) || only.includes(id),
  );
  const context = await establish(request);
  const results = new Map<string, Result>();
  const runOne = async (check: Check): Promise<void> => {
    const result = await judge(check, context);
    results.set(check.id, result);
    progress(result, results.size, chosen.length);
  };
  await pooled(
    chosen.filter(({ alone }) => !alone).toSorted((a, b) => (b.seconds ?? 0) - (a.seconds ?? 0)),
    runOne,
  );
  for (const check of lastInTurn(chosen)) await runOne(check);
  const inOrder = chosen.map(({ id }) => results.get(id)!);
  return {
    target: asker.target,
    began: began.toISOString(),
    seconds: Math.round(asker.budget.elapsed() / 100) / 10,
    ...grade(inOrder),
    only,
    results: inOrder,
    spent: asker.budget.spent,
  };
}

/** Those that run alone, in turn: wrong tokens come after all that needs a right one, for they may lock us out. */
function lastInTurn(checks: readonly Check[]): readonly Check[] {
  const place = ({ group }: Check): number => ['identity', 'rotation'].indexOf(group);
  return checks.filter(({ alone }) => alone).toSorted((a, b) => place(a) - place(b));
}

async function pooled(checks: readonly Check[], runOne: (check: Check) => Promise<void>): Promise<void> {
  const queue = [...checks];
  const worker = async (): Promise<void> => {
    for (let check = queue.shift(); check; check = queue.shift()) await runOne(check);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}
