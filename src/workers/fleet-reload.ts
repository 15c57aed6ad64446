import { isLoaded, type Loaded, parseConfig, readConfigText } from '../config/load.ts';
import type { ConfigProblem } from '../config/problem.ts';
import { type Failure, fixedProblems, type Rebuilt, type Renewal } from '../gateway/rebuild.ts';
import { askAll } from './ask-all.ts';
import type { PrepareReport } from './wire.ts';
import type { WorkerProcess } from './worker-process.ts';

/** What is in service in all workers. */
export interface FleetPlan {
  readonly loaded: Loaded;
  readonly text: string;
  readonly generation: number;
  /** Absolute paths of all that it was made from. */
  readonly files: readonly string[];
}

/** What a reload of all workers needs of the supervisor. */
export interface FleetReloadHost {
  readonly file: string;
  workers(): readonly WorkerProcess[];
  current(): FleetPlan;
  /** From here on, this is in service: a worker that starts now starts with it. */
  adopt(plan: FleetPlan): void;
}

/** How long a worker may take to build a configuration, in milliseconds: less than the admin API waits. */
const PREPARE_TIMEOUT = 20_000;
/** How long it may take to put it in service. */
const COMMIT_TIMEOUT = 5_000;

/**
 * Reads the configuration once and has every worker build it: the first alone, so that what is wrong is found once, and
 * then all others. Nothing changes until all have it; if one has not, none takes it.
 */
export async function rebuildAll(host: FleetReloadHost): Promise<Rebuilt | Failure> {
  const { file } = host;
  const text = readConfigText(file);
  if (typeof text !== 'string') return { problems: [text], files: [] };
  const before = host.current();
  const loaded = parseConfig(file, text, process.env, before.loaded.language);
  if (!isLoaded(loaded)) return { problems: loaded, files: [] };
  const fixed = fixedProblems(before.loaded, loaded);
  if (fixed.length > 0) return { problems: fixed, files: [] };
  const workers = host.workers();
  const discard = (): void => {
    for (const worker of workers) worker.ask('discard', [], COMMIT_TIMEOUT).catch(() => {});
  };
  const failure =
    (await prepare(workers.slice(0, 1), text, file)) ?? (await prepare(workers.slice(1), text, file));
  if (failure) {
    discard();
    return failure;
  }
  return { commit: () => commit(host, workers, { ...before, loaded, text }), discard };
}

/** Why not all of these have it; undefined if they have. */
async function prepare(
  workers: readonly WorkerProcess[],
  text: string,
  file: string,
): Promise<Failure | undefined> {
  const { values, missing } = await askAll(workers, (worker) =>
    worker.ask('prepare', [text], PREPARE_TIMEOUT),
  );
  const refused = values.find((report): report is PrepareReport & { ready: false } => !report.ready);
  if (refused) return { problems: refused.problems, files: refused.files };
  const [lost] = missing;
  return lost === undefined ? undefined : { problems: [problemOf(file, lost)], files: [] };
}

async function commit(
  host: FleetReloadHost,
  workers: readonly WorkerProcess[],
  next: FleetPlan,
): Promise<Renewal> {
  // First of all: who starts from here on starts with it, whatever becomes of the others.
  host.adopt(next);
  const renewals: Renewal[] = [];
  await Promise.all(
    workers.map((worker) => commitOne(worker, next.text).then((each) => each && renewals.push(each))),
  );
  const [first] = renewals;
  const renewal: Renewal = {
    generation: Math.max(next.generation, ...renewals.map(({ generation }) => generation)),
    changed: renewals.some(({ changed }) => changed),
    routes: first?.routes ?? next.loaded.config.routes.length,
    drained: renewals.reduce((sum, { drained }) => sum + drained, 0),
    files: first?.files ?? next.files,
  };
  host.adopt({ ...next, generation: renewal.generation, files: renewal.files });
  await align(host.workers(), next.text);
  return renewal;
}

/** One that was ready and does not do it now is not in step with the others, and must not serve. */
async function commitOne(worker: WorkerProcess, text: string): Promise<Renewal | undefined> {
  try {
    const renewal = await worker.ask('commit', [], COMMIT_TIMEOUT);
    worker.text = text;
    return renewal;
  } catch {
    worker.kill();
    return undefined;
  }
}

/** Brings workers that started with an older text in step with the others; who cannot be must not serve. */
export async function align(workers: readonly WorkerProcess[], text: string): Promise<void> {
  await Promise.all(
    workers.map(async (worker) => {
      if (worker.text === text) return;
      const report = await worker.ask('prepare', [text], PREPARE_TIMEOUT).catch(() => undefined);
      if (report?.ready) await commitOne(worker, text);
      else worker.kill();
    }),
  );
}

function problemOf(file: string, message: string): ConfigProblem {
  return { file, line: 1, column: 1, path: '', message };
}
