import { Unanswered } from '../admin/operator.ts';
import { ChannelError } from './channel.ts';
import type { WorkerProcess } from './worker-process.ts';

/** What became of a question to all workers. */
export interface Answers<T> {
  /** In the order of the workers. */
  readonly values: readonly T[];
  /** Who did not answer, and why: `worker 2 has not answered within 5 s`. */
  readonly missing: readonly string[];
}

/**
 * Asks all of them at once; who does not answer is named.
 *
 * @throws what one of them threw.
 */
export async function askAll<T>(
  workers: readonly WorkerProcess[],
  ask: (worker: WorkerProcess) => Promise<T>,
): Promise<Answers<T>> {
  const settled = await Promise.allSettled(workers.map(ask));
  const values: T[] = [];
  const missing: string[] = [];
  for (const [place, result] of settled.entries()) {
    if (result.status === 'fulfilled') values.push(result.value);
    else if (result.reason instanceof ChannelError)
      missing.push(`${workers[place]!.name} ${result.reason.message}`);
    else throw result.reason;
  }
  return { values, missing };
}

/** The values, where it matters that all have done it. @throws Unanswered */
export function allOf<T>({ values, missing }: Answers<T>): readonly T[] {
  if (missing.length > 0) throw new Unanswered(missing.join('; '));
  return values;
}
