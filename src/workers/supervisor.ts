import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AdminListener } from '../admin/admin-listener.ts';
import type { Operator, ReloadFacts } from '../admin/operator.ts';
import type { Loaded } from '../config/load.ts';
import { Placer } from '../config/placer.ts';
import { ConfigError, type ConfigProblem } from '../config/problem.ts';
import { type Watching, watchFiles } from '../config/watch.ts';
import { TicketKeys } from '../edge/ticket-keys.ts';
import type { MakeAdmin } from '../gateway/admin.ts';
import { addressFault } from '../gateway/listeners.ts';
import { NodesOperator } from '../gateway/nodes-operator.ts';
import { Reloader } from '../gateway/reload.ts';
import type { HealthCheck } from '../record/health.ts';
import { GatewayRecord } from '../record/record.ts';
import { LocalBus } from '../store/bus.ts';
import { systemClock } from '../store/clock.ts';
import { MemoryStore } from '../store/memory-store.ts';
import { nodeName } from '../store/services.ts';
import type { Json } from '../store/store.ts';
import { Fleet } from './fleet.ts';
import { FleetMetrics } from './fleet-metrics.ts';
import { FleetOperator } from './fleet-operator.ts';
import { align, type FleetPlan, rebuildAll } from './fleet-reload.ts';
import { lend } from './lent-store.ts';
import { Lines } from './lines.ts';
import { Switchboard } from './switchboard.ts';
import type { Forked, WorkerProcess } from './worker-process.ts';

export interface SupervisorOptions {
  readonly workers: number;
  fork(): Forked;
  /** Whether a change of the configuration, or of a file that it names, reloads by itself. */
  readonly watch: boolean;
  readonly makeAdmin: MakeAdmin | undefined;
}

/** How long workers that are cut may take to end by themselves, in milliseconds. */
const CUTTING = 3_000;

/**
 * The process that serves nobody and stands for all workers: it forks them, replaces them, passes news on between them,
 * and is where operators ask.
 */
export class Supervisor {
  /** Resolves when all workers have ended, whoever asked for it. */
  readonly closed: Promise<void>;
  readonly #file: string;
  readonly #options: SupervisorOptions;
  readonly #record = new GatewayRecord();
  readonly #store = new MemoryStore(systemClock);
  readonly #tickets = new TicketKeys();
  /** What all workers are one of. */
  readonly #name = nodeName();
  /** Where workers find each other: mkdtemp makes it for our own user alone. */
  readonly #folder = mkdtempSync(join(tmpdir(), 'sallyport-'));
  readonly #fleet: Fleet;
  readonly #switchboard: Switchboard;
  readonly #metrics: FleetMetrics;
  readonly #reloader: Reloader;
  readonly #admin: AdminListener | undefined;
  #plan: FleetPlan;
  #watching: Watching | undefined;
  #forgetTickets: () => void = () => {};
  #stopping = false;

  /** Opens nothing, and forks nobody yet. */
  constructor(file: string, loaded: Loaded, text: string, options: SupervisorOptions) {
    this.#file = file;
    this.#options = options;
    this.#plan = { loaded, text, generation: 1, files: [] };
    this.#fleet = this.#createFleet();
    this.#switchboard = new Switchboard(new LocalBus(), () => this.#fleet.processes);
    const { meter } = this.#record;
    this.#metrics = new FleetMetrics(() => meter.series());
    this.#reloader = this.#createReloader();
    this.#admin = options.makeAdmin?.(this.#createOperator(), this.#record);
    meter.source('sallyport_configuration_generation', () => [{ labels: {}, value: this.#plan.generation }]);
    meter.source('sallyport_health', () =>
      this.#health().map(({ name, healthy }) => ({ labels: { check: name }, value: healthy ? 1 : 0 })),
    );
    this.closed = this.#fleet.empty.then(() => this.#finish());
  }

  /**
   * Starts all workers, and the admin API when they serve.
   *
   * @throws ConfigError for what cannot be served, and then nobody is left; Error for a worker that does not start.
   */
  async listen(): Promise<void> {
    const problems = await this.#fleet.start().catch(async (error: unknown) => {
      await this.close();
      throw error;
    });
    const all = problems.length > 0 ? problems : await this.#openAdmin();
    if (all.length > 0) {
      await this.close();
      throw new ConfigError([...all]);
    }
    this.#forgetTickets = this.#tickets.follow(() => {
      for (const worker of this.#fleet.processes) worker.tickets(this.#tickets.secret);
    });
    if (!this.#options.watch) return;
    this.#watching = watchFiles(this.#plan.files, async () => {
      const { done } = await this.reload('watch');
      if (!done) throw new Error('not taken'); // the watcher will offer the change again
    });
  }

  /** Reads the configuration anew: all workers take it, or none does. Never rejects. */
  reload(cause: string): Promise<ReloadFacts> {
    return this.#reloader.reload(cause);
  }

  /** Has all workers drain, over one window, and end. Does nothing the second time. */
  stop(cause: string): void {
    if (this.#stopping) return;
    this.#stopping = true;
    this.#fleet.stop(cause);
  }

  /** Ends all workers at once; their sessions are cut. */
  async close(): Promise<void> {
    this.#stopping = true;
    this.#fleet.close(CUTTING);
    await this.closed;
  }

  async #openAdmin(): Promise<readonly ConfigProblem[]> {
    const placer = new Placer(this.#plan.loaded);
    await this.#admin
      ?.listen()
      .catch((error: unknown) => placer.fault(['admin', 'address'], addressFault(error)));
    return placer.problems;
  }

  async #finish(): Promise<void> {
    this.#watching?.close();
    this.#forgetTickets();
    await this.#admin?.close();
    await this.#record.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #createFleet(): Fleet {
    return new Fleet({
      recorder: this.#record,
      workers: this.#options.workers,
      fork: () => this.#fork(),
      launch: (worker) => this.#launch(worker),
      serve: (method, args) => this.#serve(method, args),
      subscribe: (channel) => this.#switchboard.subscribe(channel),
      joined: () => void align(this.#fleet.serving, this.#plan.text),
      left: (worker) => this.#left(worker),
    });
  }

  /** Its sockets have ended with it: nobody waits for its lease. */
  #left(worker: WorkerProcess): void {
    void this.#metrics.ended(worker);
    const { node } = worker;
    if (node !== undefined) for (const other of this.#fleet.processes) other.bury(node);
  }

  #fork(): Forked {
    const forked = this.#options.fork();
    forked.output?.pipe(new Lines((lines, next) => this.#record.pass(lines, next)));
    return forked;
  }

  async #launch(worker: WorkerProcess): Promise<readonly ConfigProblem[]> {
    const { text, generation } = this.#plan;
    const report = await worker.start({
      number: worker.number,
      workers: this.#options.workers,
      file: this.#file,
      text,
      generation,
      tickets: this.#tickets.secret,
      gateway: this.#name,
      folder: this.#folder,
    });
    if ('problems' in report) return report.problems;
    worker.text = text;
    worker.node = report.node;
    if (this.#plan.files.length === 0) this.#plan = { ...this.#plan, files: report.files };
    return [];
  }

  /** What workers ask for. */
  async #serve(method: string, args: readonly unknown[]): Promise<unknown> {
    if (method === 'store') return lend(this.#store, args);
    if (method !== 'publish') throw new RangeError(`no supervisor can ${method}`);
    const [channel, message] = args;
    return this.#switchboard.publish(String(channel), message as Json);
  }

  #createReloader(): Reloader {
    const supervisor = this;
    return new Reloader({
      file: this.#file,
      services: { clock: systemClock, recorder: this.#record },
      get closing() {
        return supervisor.#stopping;
      },
      get generation() {
        return supervisor.#plan.generation;
      },
      get files() {
        return supervisor.#plan.files;
      },
      rebuild: () =>
        rebuildAll({
          file: this.#file,
          workers: () => this.#fleet.serving,
          current: () => this.#plan,
          adopt: (plan) => {
            this.#plan = plan;
          },
        }),
      watch: (files) => this.#watching?.update(files),
    });
  }

  #createOperator(): Operator {
    const fleet = new FleetOperator({
      workers: () => this.#fleet.processes,
      health: (missing) => this.#health(missing),
      recordHealth: () =>
        check(
          'record',
          [this.#record.trouble].filter((each) => each !== undefined),
          false,
        ),
      reload: (cause) => this.reload(cause),
      stop: (cause) => this.stop(cause),
      metrics: () => this.#metrics.exposition(this.#fleet.processes),
    });
    return new NodesOperator(fleet, (question, args) => fleet.askOthers(question, args));
  }

  /** `missing` says who has just not answered. */
  #health(missing: readonly string[] = []): readonly HealthCheck[] {
    const { fault } = this.#reloader;
    const { serving, processes } = this.#fleet;
    const troubles = new Set([...this.#fleet.troubles(), ...missing]);
    return [
      check('workers', [...troubles], serving.length === 0 || missing.length >= processes.length),
      check('configuration', fault === undefined ? [] : [fault], false),
      check('draining', this.#stopping ? ['nobody new is admitted'] : []),
    ];
  }
}

function check(name: HealthCheck['name'], problems: readonly string[], blocksReady = true): HealthCheck {
  if (problems.length === 0) return { name, healthy: true, blocksReady };
  return { name, healthy: false, blocksReady, reason: problems.join('; ') };
}
