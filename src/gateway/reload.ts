import type { ReloadFacts } from '../admin/operator.ts';
import type { ConfigProblem } from '../config/problem.ts';
import type { Services } from '../store/services.ts';
import type { Failure, Rebuilt } from './rebuild.ts';

/** What a reload needs of the gateway: of one process, or of all workers together. */
export interface ReloadHost {
  readonly file: string;
  readonly services: Pick<Services, 'clock' | 'recorder'>;
  /** The gateway is closing, or has closed: nothing new is put in service. */
  readonly closing: boolean;
  /** The number of what is in service. */
  readonly generation: number;
  /** Absolute paths of all that it was made from. */
  readonly files: readonly string[];
  /** Builds all that a reload needs, and changes nothing. */
  rebuild(): Promise<Rebuilt | Failure>;
  /** Watches these files from here on, if any are watched. */
  watch(files: readonly string[]): void;
}

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
    const next = await this.#host.rebuild().catch((error: unknown) => this.#failure(String(error)));
    if ('problems' in next) return this.#failed(next, cause);
    if (this.#host.closing) {
      next.discard();
      return this.#failed(this.#failure('the gateway is closing'), cause);
    }
    this.#fault = undefined;
    const { files, ...renewal } = await next.commit();
    this.#host.watch(files);
    services.recorder.event('gateway.reloaded', {
      ...renewal,
      cause,
      seconds: (services.clock.monotonic() - begun) / 1_000,
    });
    return { done: true, generation: renewal.generation };
  }

  #failed({ problems, files }: Failure, cause: string): ReloadFacts {
    const { generation, files: before } = this.#host;
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
