import { type ChildProcess, fork } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { judge, type Kept, MEASURES } from './contract.ts';
import { tryOutcomes } from './outcomes.ts';
import { type Scenario, ScenarioError } from './scenario.ts';
import { type Summary, summarize } from './summary.ts';
import type { PartReport } from './tally.ts';

/** How a load goes, added up from all processes. */
export interface Progress {
  readonly seconds: number;
  readonly open: number;
  readonly sent: number;
  readonly answered: number;
  /** Connections that the other side ended. */
  readonly lost: number;
  /** Latency of 99 in 100 answers since the last progress, of the worst process; in milliseconds, 0 if there was none. */
  readonly p99: number;
}

export interface LoadReport {
  readonly scenario: Scenario;
  readonly summary: Summary;
  readonly contract: readonly Kept[];
  /** One for each half second. */
  readonly course: readonly Progress[];
  /** `held` and `broken` speak of the contract and the outcomes; `bound`: the generator was the bottleneck, nothing is said. */
  readonly verdict: 'held' | 'broken' | 'bound';
}

export interface LoadOptions {
  /** What files of the scenario are relative to. */
  readonly folder: string;
  readonly progress?: (now: Progress) => void;
  readonly signal?: AbortSignal;
}

type News =
  | { readonly progress: Omit<Progress, 'seconds'> }
  | { readonly report: PartReport }
  | { readonly error: string };

const EXTENSION = path.extname(import.meta.url);
const MAIN = fileURLToPath(new URL(`./generator-main${EXTENSION}`, import.meta.url));

/** Before it is built, a process needs what reads TypeScript. */
const LOADER = EXTENSION === '.ts' ? ['--import', 'tsx'] : [];

/** Runs a scenario in processes of its own. @throws ScenarioError for files that cannot be used. Error if a process ends early. */
export async function load(
  scenario: Scenario,
  { folder, progress, signal }: LoadOptions,
): Promise<LoadReport> {
  const begun = performance.now();
  const now = new Map<number, Omit<Progress, 'seconds'>>();
  const course: Progress[] = [];
  const heard = (process: number, each: Omit<Progress, 'seconds'>): void => {
    now.set(process, each);
    if (process !== 0) return;
    const all = [...now.values()];
    const sum = (of: keyof typeof each): number => all.reduce((total, one) => total + one[of], 0);
    course.push({
      seconds: (performance.now() - begun) / 1_000,
      open: sum('open'),
      sent: sum('sent'),
      answered: sum('answered'),
      lost: sum('lost'),
      p99: Math.max(...all.map((one) => one.p99)),
    });
    progress?.(course.at(-1)!);
  };
  const children: ChildProcess[] = [];
  const stop = (): void => {
    for (const child of children) child.connected && child.send('stop');
  };
  signal?.addEventListener('abort', stop);
  const outcomes = tryOutcomes(scenario, (name) => path.resolve(folder, name));
  outcomes.catch(() => {}); // said below
  try {
    const parts = Array.from({ length: scenario.processes }, (_, process) => {
      const child = fork(MAIN, { execArgv: LOADER, serialization: 'advanced', stdio: STDIO });
      children.push(child);
      return partOf(child, { scenario, folder, process }, (each) => heard(process, each));
    });
    const summary = summarize(await Promise.all(parts), await outcomes, scenario.storm !== undefined);
    const contract = judge(scenario.contract, MEASURES, summary);
    return { scenario, summary, contract, course, verdict: verdictOf(summary, contract) };
  } finally {
    signal?.removeEventListener('abort', stop);
    for (const child of children) child.kill();
  }
}

const STDIO: ('ignore' | 'inherit' | 'ipc')[] = ['ignore', 'ignore', 'inherit', 'ipc'];

function partOf(
  child: ChildProcess,
  part: object,
  heard: (progress: Omit<Progress, 'seconds'>) => void,
): Promise<PartReport> {
  return new Promise((resolve, reject) => {
    child.on('message', (news: News) => {
      if ('progress' in news) heard(news.progress);
      else if ('report' in news) resolve(news.report);
      else reject(new ScenarioError(news.error));
    });
    child.once('error', reject);
    child.once('exit', (code, signal) =>
      reject(new Error(`a process of the generator ended (${signal ?? code})`)),
    );
    child.send({ part });
  });
}

function verdictOf({ bottleneck, outcomes }: Summary, contract: readonly Kept[]): LoadReport['verdict'] {
  if (bottleneck !== undefined) return 'bound';
  return contract.every(({ kept }) => kept) && outcomes.every(({ held }) => held) ? 'held' : 'broken';
}
