import type { Verdict, Weight } from '../check.ts';
import type { Result } from '../judge.ts';
import type { AuditReport } from '../run.ts';

const FROM_THE_GRAVEST: readonly Weight[] = ['critical', 'high', 'medium', 'low', 'advice'];

/** What failed or warned, the gravest first; of one weight, what failed before what warned. */
export function faultsOf(results: readonly Result[]): Result[] {
  const place = ({ weight, verdict }: Result): number =>
    2 * FROM_THE_GRAVEST.indexOf(weight) + (verdict === 'warn' ? 1 : 0);
  return results.filter(isFault).toSorted((a, b) => place(a) - place(b));
}

/** Whether it is something to mend. */
export function isFault({ verdict }: Pick<Result, 'verdict'>): boolean {
  return verdict === 'fail' || verdict === 'warn';
}

/** How many ended in each way, those that none did left out. */
export function countsOf(results: readonly Result[]): (readonly [verdict: Verdict, count: number])[] {
  return VERDICTS.map(
    (verdict) => [verdict, results.filter((each) => each.verdict === verdict).length] as const,
  ).filter(([, count]) => count > 0);
}

const VERDICTS: readonly Verdict[] = ['fail', 'warn', 'inconclusive', 'info', 'skipped', 'pass'];

/** What it took, in words. */
export function costText({ spent, seconds }: AuditReport): string {
  const { connections, messages, bytes } = spent;
  return `${connections} connections, ${messages} messages and ${Math.ceil(bytes / 1_024).toLocaleString('en')} KiB in ${seconds} s`;
}
