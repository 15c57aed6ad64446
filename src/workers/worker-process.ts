import type { Readable } from 'node:stream';
import type { Json } from '../store/store.ts';
import { Channel, ChannelError, type Ears, type Pipe } from './channel.ts';
import type { Receiver } from './switchboard.ts';
import { NOTES, REPORTS, type StartOrder, type StartReport, type WorkerTasks } from './wire.ts';

/** A process that was forked, as far as it is used here. */
export interface Forked extends Pipe {
  readonly pid: number | undefined;
  /** What it writes to its standard output. */
  readonly output: Readable | null;
  /** Calls back once, when it has ended. */
  onExit(ended: (exit: number | null, signal: string | null) => void): void;
  /** SIGKILL. */
  kill(): void;
}

/** How a worker came to its end. */
export interface Ending {
  /** What it was doing. */
  readonly before: WorkerProcess['state'];
  readonly exit: number | null;
  readonly signal: string | null;
  /** How long it lived, in milliseconds. */
  readonly lived: number;
}

/** What a worker process wants of the supervisor. */
export interface WorkerHost {
  /** What it asks for: the store, the bus. */
  serve(method: string, args: readonly unknown[]): Promise<unknown>;
  subscribe(channel: string): void;
  /** Something in it went wrong; it ends once its sessions have gone. */
  leaving(worker: WorkerProcess, error: string): void;
  /** It answers what it owed, after so many milliseconds. */
  answered(worker: WorkerProcess, silence: number): void;
  ended(worker: WorkerProcess, ending: Ending): void;
}

/** How long a start may take on a busy machine: certificates, schemas, addresses; in milliseconds. */
const START_TIMEOUT = 60_000;
/** After so long a silence nobody waits for a worker, in milliseconds. A debugger, or a machine that pauses, may hold it up. */
export const LATE = 3_000;
/** How long one question of ours may be open before another is asked, in milliseconds. */
const PING_TIMEOUT = 600_000;

/** One worker, as the supervisor sees it. */
export class WorkerProcess implements Receiver {
  /** From 1; another process may have had it before. */
  readonly number: number;
  readonly begun = performance.now();
  readonly #forked: Forked;
  readonly #channel: Channel;
  readonly #host: WorkerHost;
  /** When the question was asked that it has not answered yet, monotonic milliseconds. */
  #asked: number | undefined;
  #resolveHello: () => void = () => {};
  #rejectHello: (error: Error) => void = () => {};
  readonly #hello: Promise<void>;
  /** Its silence was said in the log. */
  silent = false;
  /** Why it does not start. */
  trouble: string | undefined;
  /** Its name among all processes; undefined until it serves. */
  node: string | undefined;
  /** The text of the configuration that it has in service. */
  text = '';
  state: 'starting' | 'serving' | 'leaving' | 'ended' = 'starting';

  constructor(number: number, forked: Forked, host: WorkerHost) {
    this.number = number;
    this.#forked = forked;
    this.#host = host;
    const ears: Ears = {
      ask: (method, args) => host.serve(method, args),
      note: (name, [value]) => {
        if (name === REPORTS.hello) this.#resolveHello();
        else if (name === REPORTS.subscribe) host.subscribe(String(value));
        else if (name === REPORTS.leaving) host.leaving(this, String(value));
      },
    };
    this.#channel = new Channel(forked, ears);
    this.#hello = new Promise((resolve, reject) => {
      this.#resolveHello = resolve;
      this.#rejectHello = reject;
    });
    this.#hello.catch(() => {}); // who waits for it hears of it
    forked.onExit((exit, signal) => {
      const before = this.state;
      this.state = 'ended';
      this.#channel.close('has ended');
      this.#rejectHello(new ChannelError('has ended'));
      host.ended(this, { before, exit, signal, lived: performance.now() - this.begun });
    });
  }

  get pid(): number | undefined {
    return this.#forked.pid;
  }

  get name(): string {
    return `worker ${this.number}`;
  }

  /** For how long it has not answered, in milliseconds; 0 if it owes no answer. */
  silence(now: number): number {
    return this.#asked === undefined ? 0 : now - this.#asked;
  }

  /** Time in which nobody could have heard its answer is not held against it. */
  forgive(milliseconds: number): void {
    if (this.#asked !== undefined) this.#asked += milliseconds;
  }

  /** Rejects with a ChannelError if it does not start in time, or ends. */
  async start(order: StartOrder): Promise<StartReport> {
    const late = (): void => this.#rejectHello(new ChannelError('has not come up'));
    const timer = setTimeout(late, START_TIMEOUT);
    await this.#hello.finally(() => clearTimeout(timer));
    return this.ask('start', [order], START_TIMEOUT);
  }

  /** Asks, unless it owes an answer already. */
  ping(now: number): void {
    if (this.#asked !== undefined) return;
    this.#asked = now;
    const answered = (): void => {
      const silence = this.silence(performance.now());
      this.#asked = undefined;
      this.#host.answered(this, silence);
    };
    this.#channel.ask('ping', [], PING_TIMEOUT).then(answered, answered);
  }

  /** Gives it something to do. Rejects if it fails, is gone, or does not answer within `timeout` milliseconds. */
  ask<N extends keyof WorkerTasks>(
    task: N,
    args: Parameters<WorkerTasks[N]>,
    timeout: number,
  ): Promise<ReturnType<WorkerTasks[N]>> {
    return this.#ask(task, args, timeout);
  }

  /** Does what an operator can do, in this worker. */
  operate<T>(method: string, args: readonly unknown[], timeout: number): Promise<T> {
    return this.#ask('operate', [method, ...args], timeout);
  }

  /** One that is late does it when it hears again, and nobody waits for that. */
  #ask<T>(method: string, args: readonly unknown[], timeout: number): Promise<T> {
    const asked = this.#channel.ask<T>(method, args, timeout);
    const silence = this.silence(performance.now());
    if (silence < LATE) return asked;
    asked.catch(() => {});
    return Promise.reject(new ChannelError(`has not answered for ${Math.round(silence / 1_000)} s`));
  }

  news(channel: string, message: Json): void {
    this.#channel.note(NOTES.news, channel, message);
  }

  gap(): void {
    this.#channel.note(NOTES.gap);
  }

  tickets(secret: Uint8Array): void {
    this.#channel.note(NOTES.tickets, secret);
  }

  /** The process of this name has ended. */
  bury(node: string): void {
    this.#channel.note(NOTES.ended, node);
  }

  /** Drains it, and ends it then. */
  stop(cause: string): void {
    this.#channel.note(NOTES.stop, cause);
  }

  /** Ends it at once. */
  close(): void {
    this.#channel.note(NOTES.close);
  }

  kill(): void {
    this.#forked.kill();
  }
}
