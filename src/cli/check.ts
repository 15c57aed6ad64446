import path from 'node:path';
import { diagnosed } from '../config/diagnose.ts';
import { listener } from '../config/listener.ts';
import { examineFile, inOrder, type Written } from '../config/load.ts';
import { Placer } from '../config/placer.ts';
import type { ConfigProblem } from '../config/problem.ts';
import { loadCredentials } from '../edge/credentials.ts';
import { silentRecorder } from '../record/recorder.ts';
import { createServices } from '../store/services.ts';
import type { Exit } from './exit.ts';
import { writeProblems } from './problems.ts';
import { DEFAULT_FILE, JSON_OPTION, type Verb } from './verb.ts';

/** `sallyport check [FILE]` */
export const check: Verb = {
  name: 'check',
  summary: 'Check a configuration and every file it names, and list all problems at once.',
  positionals: ['[FILE]'],
  options: { json: JSON_OPTION },
  notes: `FILE is ${DEFAULT_FILE} if left out. Each problem has its file, line and column, what was expected, and the nearest valid name.`,
  async run(given, io): Promise<Exit> {
    const file = given.positionals[0] ?? DEFAULT_FILE;
    const examined = examineFile(file, io.environment);
    const services = createServices(silentRecorder);
    const problems = inOrder([
      ...diagnosed(examined, services),
      ...(await credentialProblems(examined.written, services.clock.now())),
    ]);
    if (problems.length > 0) return writeProblems(problems, given, io);
    if (given.flag('json')) io.out(JSON.stringify({ problems: [] }));
    else io.out(`${file}: ${io.style('green', 'no problems')}`);
    return 'done';
  },
};

/** What is wrong with certificates, keys, authorities and revocation lists of the listeners that can be read. */
async function credentialProblems(written: Written, now: number): Promise<readonly ConfigProblem[]> {
  const placer = new Placer(written);
  const { listeners } = (written.value ?? {}) as { listeners?: unknown };
  const doors = typeof listeners === 'object' && listeners !== null ? Object.entries(listeners) : [];
  for (const [name, value] of doors) {
    const parsed = listener.safeParse(value);
    if (!parsed.success) continue;
    try {
      await loadCredentials(parsed.data.tls, (file) => path.resolve(written.directory, file), now);
    } catch (error) {
      placer.report(['listeners', name], error);
    }
  }
  return placer.problems;
}
