import { StoreError } from './store.ts';

/** What a link holds open. */
export interface Linked {
  /** Whether it has been lost. */
  readonly gone: boolean;
  destroy(): void;
}

export interface LinkOptions<C extends Linked> {
  /** Opens a connection; `fault` is called when it is lost. */
  open(fault: (error: unknown) => void): Promise<C>;
  /** Rejects if the connection does not do what it is for. Asked often, while all is well too. */
  probe(connection: C): Promise<void>;
  /** Called each time that it is well again, the first time included. */
  back?(): void;
  /** How long one command may take, in milliseconds. */
  readonly timeout: number;
  /** How often the connection is probed, in milliseconds. */
  readonly interval: number;
}

/** How many commands may wait for their answers at once. */
const MAX_WAITING = 10_000;
/** How often in a row a probe may fail before the connection is opened anew. */
const PATIENCE = 3;
/** How long opening may take in all: a cluster asks several of its nodes. In milliseconds. */
const OPENING = 5_000;
/** Pauses between attempts to open: from the first to the longest, in milliseconds, each a random part of it more. */
const PAUSES = { first: 100, longest: 3_000 } as const;

/**
 * Keeps one connection open, and knows whether it is well. Who asks while it is not is refused at once: nothing is queued,
 * nobody waits, and one probe at a time finds out when it is well again.
 */
export class RedisLink<C extends Linked> {
  readonly #options: LinkOptions<C>;
  #connection: C | undefined;
  #trouble: string | undefined = 'not connected yet';
  #failures = 0;
  #waiting = 0;
  #closed = false;
  #wake: () => void = () => {};
  #first: Promise<void> | undefined;

  constructor(options: LinkOptions<C>) {
    this.#options = options;
  }

  /** Why it does not work at the moment; undefined if it does. */
  get trouble(): string | undefined {
    return this.#trouble;
  }

  /** Begins. Resolves after the first attempt; if it failed, others follow. Never rejects. */
  open(): Promise<void> {
    this.#first ??= new Promise((resolve) => void this.#run(resolve));
    return this.#first;
  }

  /** Does something with the connection, within the time that a command has. @throws StoreError */
  async use<T>(work: (connection: C) => Promise<T>): Promise<T> {
    if (this.#trouble !== undefined || !this.#connection)
      throw new StoreError(this.#trouble ?? 'not connected');
    if (this.#waiting >= MAX_WAITING) throw new StoreError('too many commands wait for their answers');
    this.#waiting++;
    try {
      return await within(this.#options.timeout, work(this.#connection));
    } catch (error) {
      if (isFaultOfServer(error)) this.#ill(error);
      throw failureOf(error);
    } finally {
      this.#waiting--;
    }
  }

  close(): void {
    this.#closed = true;
    this.#trouble = 'closed';
    this.#drop();
    this.#wake();
  }

  async #run(begun: () => void): Promise<void> {
    for (let attempt = 0; !this.#closed; ) {
      const well = await this.#check();
      begun();
      attempt = well ? 0 : attempt + 1;
      const pause = Math.min(PAUSES.first * 2 ** attempt, PAUSES.longest) * (1 + Math.random());
      await this.#pause(well ? this.#options.interval : pause);
    }
  }

  /** Whether it is well, after an attempt to make it so. */
  async #check(): Promise<boolean> {
    try {
      if (this.#connection?.gone) this.#drop();
      this.#connection ??= await this.#opened();
      await within(this.#options.timeout, this.#options.probe(this.#connection));
    } catch (error) {
      this.#trouble = this.#closed ? 'closed' : failureOf(error).message;
      if (++this.#failures >= PATIENCE) this.#drop();
      return false;
    }
    this.#failures = 0;
    if (this.#trouble === undefined || this.#closed) return true;
    this.#trouble = undefined;
    this.#options.back?.();
    return true;
  }

  async #opened(): Promise<C> {
    let opened: C | undefined;
    let late = false;
    const opening = this.#options.open((error) => {
      if (opened !== undefined && opened === this.#connection) this.#ill(error);
    });
    opening.then(
      (connection) => {
        opened = connection;
        if (late || this.#closed) connection.destroy();
      },
      () => {},
    );
    try {
      return await within(OPENING, opening);
    } catch (error) {
      late = true;
      throw error;
    }
  }

  #ill(error: unknown): void {
    if (this.#closed) return;
    const news = this.#trouble === undefined;
    this.#trouble = failureOf(error).message;
    if (news) this.#wake(); // else the next probe has its time
  }

  #drop(): void {
    this.#failures = 0;
    this.#connection?.destroy();
    this.#connection = undefined;
  }

  #pause(time: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, time);
      timer.unref();
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

/** The work, or a StoreError when it takes longer than this many milliseconds. */
async function within<T>(time: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    // After a turn: the answer may be there already, and only our own loop be late.
    timer = setTimeout(() => setImmediate(reject, new StoreError(`no answer within ${time} ms`)), time);
  });
  work.catch(() => {}); // it may fail when nobody waits any more
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Error replies that speak of one command, not of the server. What else goes wrong is trouble. */
const OF_ONE_COMMAND = /^(WRONGTYPE|NOTNUMBER|TOOLONG)/;

function isFaultOfServer(error: unknown): boolean {
  return !(error instanceof Error && OF_ONE_COMMAND.test(error.message));
}

/** In words for an operator; what a server says may be long, and is of no use behind its first line. */
function failureOf(error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  const text = message || code || String(error);
  return new StoreError(text.split('\n', 1)[0]!.slice(0, 200));
}
