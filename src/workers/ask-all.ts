import type { Answers } from '../store/members.ts';
import { ChannelError } from './channel.ts';
import type { WorkerProcess } from './worker-process.ts';

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
