import type { ReloadFacts } from '../admin/operator.ts';
import { ConfigFiles } from '../config/files.ts';
import { isLoaded, type Loaded, loadConfig } from '../config/load.ts';
import { Placer } from '../config/placer.ts';
import { type CompiledPlan, compilePlan, isPlan } from '../config/plan.ts';
import type { ConfigProblem } from '../config/problem.ts';
import { filesOf } from '../edge/credentials.ts';
import type { Services } from '../store/services.ts';
import type { Listeners, Prepared } from './listeners.ts';

/** What is in service, and what a reload puts there. */
export interface InService {
  readonly loaded: Loaded;
  readonly plan: CompiledPlan;
}

/** What a reload needs of the gateway. */
export interface ReloadHost {
  readonly file: string;
  readonly services: Services;
  readonly listeners: Listeners;
  /** The gateway is closing, or has closed: nothing new is put in service. */
  readonly closing: boolean;
  current(): InService;
  /** Puts a new plan in service. Synchronous: nobody sees half of it. Returns how many sessions have lost their route. */
  swap(next: InService): number;
  /** Watches these files from here on, if any are watched. */
  watch(files: readonly string[]): void;
}

/** Built, and not yet in service. */
interface Next extends InService {
  readonly doors: Prepared;
}

/** Not built, and why. */
interface Failure {
  readonly problems: readonly ConfigProblem[];
  /** Absolute paths of all that it reads: one that appears or changes may complete it. */
  readonly files: readonly string[];
}

/** Sections that are read at the start alone. */
const FIXED = { admin: 'the admin listener', state: 'the folder for state' } as const;

/** Reads the configuration anew: all of it, or nothing. */
export class Reloader {
  readonly #host: ReloadHost;
  /** The reload that is at work; settled if none is. */
  #running: Promise<unknown> = Promise.resolve();
  /** One that has not begun: whoever asks now is served by it as well. */
  #waiting: Promise<ReloadFacts> | undefined;
  /** Why the last one was not taken; undefined if it was. */
  #fault: string | undefined;

  constructor(host: ReloadHost) {
    this.#host = host;
  }

  /** File, line and message of the first problem that the last reload met; undefined if it was taken. */
  get fault(): string | undefined {
    return this.#fault;
  }

  /** One at a time, and never more than one in waiting, however many ask. Never rejects. */
  reload(cause: string): Promise<ReloadFacts> {
    this.#waiting ??= this.#running.then(() => {
      this.#waiting = undefined;
      return this.#reload(cause);
    });
    this.#running = this.#waiting;
    return this.#waiting;
  }

  async #reload(cause: string): Promise<ReloadFacts> {
    const { services } = this.#host;
    const begun = services.clock.monotonic();
    const next = await this.#build().catch((error: unknown) => this.#failure(String(error)));
    if ('problems' in next) return this.#failed(next, cause);
    if (this.#host.closing) {
      next.doors.discard();
      return this.#failed(this.#failure('the gateway is closing'), cause);
    }
    this.#fault = undefined;
    const { loaded, plan, doors } = next;
    const changed = plan.digest !== this.#host.current().plan.digest;
    doors.commit();
    const drained = changed ? this.#host.swap({ loaded, plan }) : 0;
    this.#host.watch(plan.files);
    const { generation, routes } = this.#host.current().plan;
    services.recorder.event('gateway.reloaded', {
      generation,
      cause,
      changed,
      routes: routes.length,
      drained,
      seconds: (services.clock.monotonic() - begun) / 1_000,
    });
    return { done: true, generation };
  }

  /** Builds all that a reload needs, and changes nothing. */
  async #build(): Promise<Next | Failure> {
    const { file, services, listeners } = this.#host;
    const before = this.#host.current();
    const loaded = loadConfig(file, process.env, before.loaded.language);
    if (!isLoaded(loaded)) return { problems: loaded, files: [] };
    const read = new ConfigFiles(loaded.directory);
    const plan = compilePlan(loaded, services, before.plan, read);
    const doors = Object.values(loaded.config.listeners);
    const files = [...read.seen, ...doors.flatMap(({ tls }) => filesOf(tls, (name) => read.resolve(name)))];
    if (!isPlan(plan)) return { problems: plan, files };
    const placer = new Placer(loaded);
    for (const [section, what] of Object.entries(FIXED) as [keyof typeof FIXED, string][]) {
      if (JSON.stringify(loaded.config[section]) === JSON.stringify(before.loaded.config[section])) continue;
      placer.fault([section], `${what} cannot change while the gateway runs; restart it`);
    }
    if (placer.problems.length > 0) return { problems: placer.problems, files };
    try {
      return { loaded, plan, doors: await listeners.prepare(loaded.config.listeners) };
    } catch (error) {
      placer.report(['listeners'], error);
      return { problems: placer.problems, files };
    }
  }

  #failed({ problems, files }: Failure, cause: string): ReloadFacts {
    const { generation, files: before } = this.#host.current().plan;
    this.#host.watch([...before, ...files]);
    const [{ file, line, message } = this.#problem('')] = problems;
    const fault = `${file}:${line}: ${message}`;
    // The watcher tries again what was not taken; the same fault is not news.
    const known = cause === 'watch' && fault === this.#fault;
    this.#fault = fault;
    if (!known) {
      this.#host.services.recorder.event('gateway.reload_failed', {
        generation,
        cause,
        file,
        line,
        error: message,
        problems: problems.length,
      });
    }
    return { done: false, generation, problems };
  }

  #failure(message: string): Failure {
    return { problems: [this.#problem(message)], files: [] };
  }

  #problem(message: string): ConfigProblem {
    return { file: this.#host.file, line: 1, column: 1, path: '', message };
  }
}
