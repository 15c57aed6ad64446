import { ConfigFiles } from '../config/files.ts';
import { isLoaded, type Loaded, loadConfig, parseConfig } from '../config/load.ts';
import { Placer } from '../config/placer.ts';
import { type CompiledPlan, compilePlan, isPlan } from '../config/plan.ts';
import type { ConfigProblem } from '../config/problem.ts';
import { filesOf } from '../edge/credentials.ts';
import type { Services } from '../store/services.ts';
import type { Listeners } from './listeners.ts';

/** What is in service, and what a reload puts there. */
export interface InService {
  readonly loaded: Loaded;
  readonly plan: CompiledPlan;
}

/** What a reload put in service. */
export interface Renewal {
  readonly generation: number;
  /** Whether anything is other than before. */
  readonly changed: boolean;
  readonly routes: number;
  /** How many sessions have lost their route. */
  readonly drained: number;
  /** Absolute paths of all that it was made from. */
  readonly files: readonly string[];
}

/** Built, and not yet in service: one of the two is called, once. */
export interface Rebuilt {
  /** Synchronous where there is one process: nobody sees half of it. */
  commit(): Renewal | Promise<Renewal>;
  discard(): void;
}

/** Not built, and why. */
export interface Failure {
  readonly problems: readonly ConfigProblem[];
  /** Absolute paths of all that it reads: one that appears or changes may complete it. */
  readonly files: readonly string[];
}

/** What building anew needs of the gateway. */
export interface RebuildHost {
  readonly file: string;
  readonly services: Services;
  readonly listeners: Listeners;
  current(): InService;
  /** Puts a new plan in service. Synchronous. Returns how many sessions have lost their route. */
  swap(next: InService): number;
}

/** Sections that are read at the start alone. */
const FIXED = {
  admin: 'the admin listener',
  state: 'where state is kept',
  workers: 'the number of workers',
  node: 'the name of the node',
  usage: 'what is measured',
} as const;

/**
 * Builds all that a reload needs, and changes nothing.
 *
 * @param text what stands in the configuration file; it is read where absent
 */
export async function rebuild(host: RebuildHost, text?: string): Promise<Rebuilt | Failure> {
  const { file, services, listeners } = host;
  const before = host.current();
  const { language } = before.loaded;
  const loaded =
    text === undefined
      ? loadConfig(file, process.env, language)
      : parseConfig(file, text, process.env, language);
  if (!isLoaded(loaded)) return { problems: loaded, files: [] };
  const read = new ConfigFiles(loaded.directory);
  const plan = compilePlan(loaded, services, before.plan, read);
  const doors = Object.values(loaded.config.listeners);
  const files = [...read.seen, ...doors.flatMap(({ tls }) => filesOf(tls, (name) => read.resolve(name)))];
  if (!isPlan(plan)) return { problems: plan, files };
  const fixed = fixedProblems(before.loaded, loaded);
  if (fixed.length > 0) return { problems: fixed, files };
  try {
    const prepared = await listeners.prepare(loaded.config.listeners);
    return { commit: () => commit(host, { loaded, plan }, prepared.commit), discard: prepared.discard };
  } catch (error) {
    const placer = new Placer(loaded);
    placer.report(['listeners'], error);
    return { problems: placer.problems, files };
  }
}

/** What cannot change while the gateway runs, and has. */
export function fixedProblems(before: Loaded, loaded: Loaded): readonly ConfigProblem[] {
  const placer = new Placer(loaded);
  for (const [section, what] of Object.entries(FIXED) as [keyof typeof FIXED, string][]) {
    if (JSON.stringify(loaded.config[section]) === JSON.stringify(before.config[section])) continue;
    placer.fault([section], `${what} cannot change while the gateway runs; restart it`);
  }
  return placer.problems;
}

function commit(host: RebuildHost, next: InService, openDoors: () => void): Renewal {
  const changed = next.plan.digest !== host.current().plan.digest;
  openDoors();
  const drained = changed ? host.swap(next) : 0;
  const { generation, routes } = host.current().plan;
  return { generation, changed, routes: routes.length, drained, files: next.plan.files };
}
