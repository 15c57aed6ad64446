import { PassThrough } from 'node:stream';
import type { Message } from '../../src/workers/channel.ts';
import type { Forked } from '../../src/workers/worker-process.ts';

type Task = (...args: readonly unknown[]) => unknown;

/** A worker process that is none: it answers by these tasks, and ends when it is told to. */
export class FakeWorker implements Forked {
  static pids = 0;
  readonly pid: number = ++FakeWorker.pids;
  readonly output: PassThrough = new PassThrough();
  /** What it was asked, in order. */
  readonly asked: string[] = [];
  /** What it was told. */
  readonly told: string[] = [];
  readonly #tasks: Readonly<Record<string, Task>>;
  #hear: (message: unknown) => void = () => {};
  #ended: ((exit: number | null, signal: string | null) => void) | undefined;

  constructor(tasks: Readonly<Record<string, Task>> = {}) {
    this.#tasks = { start: () => ({ files: [] }), ping: () => undefined, ...tasks };
    setImmediate(() => this.#hear({ note: 'hello', args: [] }));
  }

  send(message: Message, done: (error: Error | null) => void): void {
    done(null);
    if ('note' in message) {
      this.told.push(message.note);
      if (message.note === 'stop' || message.note === 'close') this.end(0);
    } else if ('ask' in message) void this.#answer(message);
  }

  onMessage(hear: (message: unknown) => void): void {
    this.#hear = hear;
  }

  onExit(ended: (exit: number | null, signal: string | null) => void): void {
    this.#ended = ended;
  }

  kill(): void {
    this.end(null, 'SIGKILL');
  }

  /** Ends it, as the system would say so: a moment later. */
  end(exit: number | null, signal: string | null = null): void {
    const ended = this.#ended;
    this.#ended = undefined;
    if (ended) setImmediate(ended, exit, signal);
  }

  /** Tells the supervisor something. */
  tell(note: string, ...args: unknown[]): void {
    this.#hear({ note, args });
  }

  async #answer({ ask, method, args }: Extract<Message, { ask: number }>): Promise<void> {
    this.asked.push(method);
    try {
      const value = await this.#tasks[method]?.(...args);
      if (this.#ended) this.#hear({ answer: ask, value }); // one that has ended says nothing
    } catch (error) {
      this.#hear({ answer: ask, error: { name: 'Error', message: (error as Error).message } });
    }
  }
}
