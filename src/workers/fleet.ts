import type { ConfigProblem } from '../config/problem.ts';
import type { Recorder } from '../record/recorder.ts';
import { Restarts } from './restarts.ts';
import { type Ending, type Forked, LATE, type WorkerHost, WorkerProcess } from './worker-process.ts';

/** What a fleet needs of the supervisor. */
export interface FleetHost {
  readonly recorder: Recorder;
  readonly workers: number;
  fork(): Forked;
  /** Has a worker start with what is in service; resolves with why it does not serve, if so. */
  launch(worker: WorkerProcess): Promise<readonly ConfigProblem[]>;
  /** What a worker asks for: the store, the bus. */
  serve(method: string, args: readonly unknown[]): Promise<unknown>;
  subscribe(channel: string): void;
  /** A worker serves from here on. */
  joined(worker: WorkerProcess): void;
  /** A worker's process has ended. */
  left(worker: WorkerProcess): void;
}

/** The place of one worker, whichever process has it. */
interface Place {
  readonly number: number;
  readonly restarts: Restarts;
  current: WorkerProcess | undefined;
  /** Why there is nobody, for the health report. */
  trouble: string | undefined;
  timer: NodeJS.Timeout | undefined;
}

/** How often workers are asked whether they are there, in milliseconds. */
const HEARTBEAT = 1_000;
/** After which silence a worker is given up, in milliseconds: until then it may wake, and its sessions with it. */
const LOST = 60_000;

/** All workers: starts them, and puts another in the place of one that ends though nobody asked it to. */
export class Fleet {
  readonly #host: FleetHost;
  readonly #places: readonly Place[];
  /** All processes that there are, those that are leaving among them. */
  readonly #processes = new Set<WorkerProcess>();
  #heartbeat: NodeJS.Timeout | undefined;
  #beat = 0;
  /** Who ends is replaced: not before the first has started, and not after all were told to end. */
  #replacing = false;
  #stopping = false;
  #resolveEmpty: () => void = () => {};
  /** Resolves when a fleet that was told to stop has no process left. */
  readonly empty: Promise<void>;

  constructor(host: FleetHost, restarts: () => Restarts = () => new Restarts()) {
    this.#host = host;
    this.#places = Array.from({ length: host.workers }, (_, place) => ({
      number: place + 1,
      restarts: restarts(),
      current: undefined,
      trouble: undefined,
      timer: undefined,
    }));
    this.empty = new Promise((resolve) => {
      this.#resolveEmpty = resolve;
    });
  }

  /** All processes that have sessions, or may have. */
  get processes(): readonly WorkerProcess[] {
    return [...this.#processes].filter(({ state }) => state === 'serving' || state === 'leaving');
  }

  /** Those that take connections. */
  get serving(): readonly WorkerProcess[] {
    return [...this.#processes].filter(({ state }) => state === 'serving');
  }

  /**
   * Starts the first worker, and when it serves all others: what is wrong with a configuration is said once. Resolves with
   * the problems, if there are any.
   *
   * @throws Error if the first one ends before it serves.
   */
  async start(): Promise<readonly ConfigProblem[]> {
    const [first, ...others] = this.#places as [Place, ...Place[]];
    const problems = await this.#launch(first);
    if (problems.length > 0) return problems;
    this.#replacing = true;
    await Promise.all(others.map((place) => this.#fill(place)));
    this.#beat = performance.now();
    this.#heartbeat = setInterval(() => this.#look(), HEARTBEAT).unref();
    return [];
  }

  /** What is wrong with workers, by name; empty if all serve and answer. */
  troubles(): readonly string[] {
    const now = performance.now();
    return this.#places.flatMap((place) => {
      const silence = place.current?.silence(now) ?? 0;
      if (place.current?.state !== 'serving') return [`worker ${place.number} ${absenceOf(place)}`];
      if (silence < LATE) return [];
      return [`worker ${place.number} has not answered for ${Math.round(silence / 1_000)} s`];
    });
  }

  /** Has all workers drain and end; none is replaced any more. */
  stop(cause: string): void {
    this.#end((worker) => worker.stop(cause));
  }

  /** Ends all workers; those that do not end within `patience` milliseconds are killed. */
  close(patience: number): void {
    this.#end((worker) => worker.close());
    setTimeout(() => {
      for (const worker of this.#processes) worker.kill();
    }, patience).unref();
  }

  #end(tell: (worker: WorkerProcess) => void): void {
    this.#stopping = true;
    this.#replacing = false;
    for (const { timer } of this.#places) clearTimeout(timer);
    for (const worker of this.#processes) tell(worker);
    this.#checkEmpty();
  }

  #checkEmpty(): void {
    if (!this.#stopping || this.#processes.size > 0) return;
    clearInterval(this.#heartbeat);
    this.#resolveEmpty();
  }

  /** @throws Error if it ends, or is not there in time. */
  async #launch(place: Place): Promise<readonly ConfigProblem[]> {
    const worker = this.#fork(place);
    const problems = await this.#host.launch(worker).catch((error: unknown) => {
      worker.trouble = `does not start: ${(error as Error).message}`;
      worker.kill();
      throw error;
    });
    const [problem] = problems;
    if (problem) worker.trouble = `does not start: ${problem.file}:${problem.line}: ${problem.message}`;
    if (problem || worker.state !== 'starting') {
      worker.kill();
      return problems;
    }
    place.trouble = undefined;
    worker.state = 'serving';
    const { number, pid, begun } = worker;
    const seconds = (performance.now() - begun) / 1_000;
    this.#host.recorder.event('worker.started', { number, pid, seconds });
    this.#host.joined(worker);
    if (this.#stopping) worker.close();
    return [];
  }

  /** The same, for a fleet that runs: who does not start ends, and is tried again then. Never rejects. */
  async #fill(place: Place): Promise<void> {
    await this.#launch(place).catch(() => {});
  }

  #fork(place: Place): WorkerProcess {
    const host: WorkerHost = {
      serve: (method, args) => this.#host.serve(method, args),
      subscribe: (channel) => this.#host.subscribe(channel),
      leaving: (worker, error) => this.#leaving(place, worker, error),
      answered: (worker, silence) => this.#answered(worker, silence),
      ended: (worker, ending) => this.#ended(place, worker, ending),
    };
    const worker = new WorkerProcess(place.number, this.#host.fork(), host);
    place.current = worker;
    this.#processes.add(worker);
    return worker;
  }

  /** It lets its sessions go; who comes now finds another. */
  #leaving(place: Place, worker: WorkerProcess, error: string): void {
    if (worker.state === 'ended' || place.current !== worker) return;
    worker.state = 'leaving';
    this.#replace(place, worker, { cause: 'fault', error }, performance.now() - worker.begun);
  }

  #ended(place: Place, worker: WorkerProcess, { before, exit, signal, lived }: Ending): void {
    this.#processes.delete(worker);
    this.#host.left(worker);
    if (place.current === worker) {
      const silent = worker.silence(performance.now()) >= LOST;
      const cause = before === 'starting' ? 'start' : silent ? 'silent' : signal ? 'signal' : 'exit';
      const why: Why = { cause, exit: exit ?? undefined, signal: signal ?? undefined, error: worker.trouble };
      this.#replace(place, worker, why, lived);
    }
    this.#checkEmpty();
  }

  #replace(place: Place, { number, pid }: WorkerProcess, why: Why, lived: number): void {
    place.current = undefined;
    if (!this.#replacing) return;
    const { recorder } = this.#host;
    recorder.event('worker.lost', { number, pid, ...why, seconds: lived / 1_000 });
    const wait = place.restarts.ended(lived);
    const how = why.signal === undefined ? `ended with exit ${why.exit}` : `ended by ${why.signal}`;
    place.trouble = why.error ?? how;
    if (place.restarts.looping) {
      const { failures } = place.restarts;
      recorder.event('worker.crash_loop', { number, failures, error: place.trouble, seconds: wait / 1_000 });
    }
    place.timer = setTimeout(() => void this.#fill(place), wait);
  }

  #look(): void {
    const now = performance.now();
    const late = now - this.#beat - HEARTBEAT;
    this.#beat = now;
    for (const worker of this.processes) {
      // Who asked late hears late.
      if (late > HEARTBEAT) worker.forgive(late);
      const silence = worker.silence(now);
      if (silence >= LATE && !worker.silent) this.#silent(worker, silence);
      if (silence >= LOST) worker.kill();
      else worker.ping(now);
    }
  }

  #silent(worker: WorkerProcess, silence: number): void {
    worker.silent = true;
    const { number, pid } = worker;
    this.#host.recorder.event('worker.silent', { number, pid, seconds: silence / 1_000 });
  }

  #answered(worker: WorkerProcess, silence: number): void {
    if (!worker.silent || worker.state === 'ended') return;
    worker.silent = false;
    const { number, pid } = worker;
    this.#host.recorder.event('worker.heard', { number, pid, seconds: silence / 1_000 });
  }
}

/** Why nobody serves in a place. */
function absenceOf({ restarts, trouble }: Place): string {
  if (restarts.looping)
    return `ended ${restarts.failures} times in a row${trouble === undefined ? '' : `: ${trouble}`}`;
  return trouble ?? 'is starting';
}

/** Why a worker is not there any more, as the record has it. */
interface Why {
  readonly cause: 'exit' | 'signal' | 'silent' | 'start' | 'fault';
  readonly exit?: number | undefined;
  readonly signal?: string | undefined;
  readonly error?: string | undefined;
}
