import path from 'node:path';
import { admin } from '../config/admin.ts';
import { cluster } from '../config/cluster.ts';
import { diagnosed } from '../config/diagnose.ts';
import { listener } from '../config/listener.ts';
import { examineFile, inOrder, type Written } from '../config/load.ts';
import { Placer } from '../config/placer.ts';
import type { ConfigProblem } from '../config/problem.ts';
import { state } from '../config/state.ts';
import { loadCredentials } from '../edge/credentials.ts';
import { readAdminPair } from '../gateway/admin-options.ts';
import { readPapers } from '../gateway/cluster.ts';
import { silentRecorder } from '../record/recorder.ts';
import { checkFolder } from '../store/lmdb-folder.ts';
import { createServices } from '../store/services.ts';
import type { Exit } from './exit.ts';
import { writeProblems } from './problems.ts';
import { DEFAULT_FILE, JSON_OPTION, type Verb } from './verb.ts';

/** `sallyport check [FILE]` */
export const verb: Verb = {
  positionals: ['[FILE]'],
  options: { json: JSON_OPTION },
  examples: ['check', 'check /etc/sallyport/sallyport.yaml --json'],
  notes: `FILE is ${DEFAULT_FILE} if left out. Each problem has its file, line and column, what was expected, and the nearest valid name.`,
  async run(given, io): Promise<Exit> {
    const file = given.positionals[0] ?? DEFAULT_FILE;
    const examined = examineFile(file, io.environment);
    const services = createServices(silentRecorder);
    const problems = inOrder([
      ...diagnosed(examined, services),
      ...(await outsideProblems(examined.written, services.clock.now())),
    ]);
    if (problems.length > 0) return writeProblems(problems, given, io);
    if (given.flag('json')) io.out(JSON.stringify({ problems: [] }));
    else io.out(`${file}: ${io.style('green', 'no problems')}`);
    return 'done';
  },
};

/** What is wrong with what a start reads besides the plan: for listeners, admin, cluster and state, where they are right so far. */
async function outsideProblems(written: Written, now: number): Promise<readonly ConfigProblem[]> {
  const placer = new Placer(written);
  const resolve = (name: string): string => path.resolve(written.directory, name);
  const value = mapping(written.value);
  for (const [name, each] of Object.entries(mapping(value.listeners))) {
    const { data } = listener.safeParse(each);
    if (!data) continue;
    await loadCredentials(data.tls, resolve, now).catch((error) => placer.report(['listeners', name], error));
  }
  const pair = admin.safeParse(value.admin).data?.tls;
  if (pair) placer.attempt(['admin'], () => readAdminPair(pair, resolve, now));
  const nodes = cluster.safeParse(value.cluster).data;
  if (nodes) placer.attempt(['cluster'], () => readPapers(nodes, resolve, now));
  const kept = state.safeParse(value.state).data;
  if (kept && !kept.redis) {
    try {
      checkFolder(resolve(kept.directory));
    } catch (error) {
      placer.fault(['state', 'directory'], (error as Error).message);
    }
  }
  return placer.problems;
}

function mapping(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
