import { StoreError } from '../store/store.ts';

/** One end of the pipe between two processes: what `ChildProcess` and `process` have in common. */
export interface Pipe {
  /** Calls back when the message is on its way, or with why it is not. */
  send(message: Message, done: (error: Error | null) => void): void;
  onMessage(hear: (message: unknown) => void): void;
}

/** What goes through a pipe: a question, its answer, or something that wants none. Values are structured clones. */
export type Message =
  | { readonly ask: number; readonly method: string; readonly args: readonly unknown[] }
  | { readonly answer: number; readonly value?: unknown; readonly error?: Fault }
  | { readonly note: string; readonly args: readonly unknown[] };

/** What an error is on the other side. */
interface Fault {
  readonly name: string;
  readonly message: string;
}

/** What the other side may ask, and tell. */
export interface Ears {
  /** What it throws is told to who asked. */
  ask(method: string, args: readonly unknown[]): Promise<unknown>;
  /** Must not throw. */
  note(name: string, args: readonly unknown[]): void;
}

/** The other side did not answer: it is gone, or too slow. */
export class ChannelError extends Error {
  override readonly name = 'ChannelError';
}

/** Messages that may wait for a process that does not read; what comes beyond them is not sent. */
const BACKLOG = 10_000;

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

/** Questions, answers and notes between two processes. What one side sends arrives in order, or not at all. */
export class Channel {
  readonly #pipe: Pipe;
  readonly #ears: Ears;
  readonly #waiting = new Map<number, Waiting>();
  #number = 0;
  #unsent = 0;
  #closed: string | undefined;
  /** A note was not sent because too many wait: the other side has a gap, and must hear of it. */
  #missed = false;

  constructor(pipe: Pipe, ears: Ears) {
    this.#pipe = pipe;
    this.#ears = ears;
    pipe.onMessage((message) => this.#hear(message as Message));
  }

  /** Rejects with a ChannelError if there is no answer within `timeout` milliseconds, and with an Error of the other side's. */
  ask<T>(method: string, args: readonly unknown[], timeout: number): Promise<T> {
    return new Promise<unknown>((resolve, reject) => {
      if (this.#closed !== undefined) {
        reject(new ChannelError(this.#closed));
        return;
      }
      const id = ++this.#number;
      const fail = (reason: string): void => this.#take(id)?.reject(new ChannelError(reason));
      const timer = setTimeout(fail, timeout, `has not answered within ${timeout / 1_000} s`);
      this.#waiting.set(id, { resolve, reject, timer });
      if (!this.#send({ ask: id, method, args })) fail('is too far behind');
    }) as Promise<T>;
  }

  /** Tells something. If the other side is too far behind it is told, once it has caught up, that it missed something. */
  note(name: string, ...args: readonly unknown[]): void {
    if (!this.#send({ note: name, args })) this.#missed = true;
  }

  /** Nothing is sent any more, and whoever waits is told why. */
  close(reason: string): void {
    this.#closed ??= reason;
    for (const id of [...this.#waiting.keys()]) this.#take(id)?.reject(new ChannelError(reason));
  }

  #send(message: Message): boolean {
    if (this.#closed !== undefined || this.#unsent >= BACKLOG) return false;
    this.#unsent++;
    this.#pipe.send(message, () => this.#sent());
    return true;
  }

  #sent(): void {
    this.#unsent--;
    if (!this.#missed || this.#unsent > 0) return;
    this.#missed = false;
    this.note('gap');
  }

  #hear(message: Message): void {
    if (typeof message !== 'object' || message === null) return;
    if ('answer' in message) this.#settle(message);
    else if ('ask' in message) void this.#answer(message);
    else if ('note' in message) this.#ears.note(message.note, message.args);
  }

  #settle({ answer, value, error }: Extract<Message, { answer: number }>): void {
    const waiting = this.#take(answer);
    if (error === undefined) waiting?.resolve(value);
    else waiting?.reject(errorOf(error));
  }

  async #answer({ ask, method, args }: Extract<Message, { ask: number }>): Promise<void> {
    try {
      this.#send({ answer: ask, value: await this.#ears.ask(method, args) });
    } catch (error) {
      const { name, message } = error instanceof Error ? error : new Error(String(error));
      this.#send({ answer: ask, error: { name, message } });
    }
  }

  #take(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    clearTimeout(waiting?.timer);
    return waiting;
  }
}

/** What tells who asked what to do keeps its kind. */
function errorOf({ name, message }: Fault): Error {
  if (name === 'RangeError') return new RangeError(message);
  return name === 'StoreError' ? new StoreError(message) : new Error(message);
}
