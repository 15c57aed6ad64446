import type { Limit } from './buckets.ts';
import type { Clock } from './clock.ts';
import { checkKey, drawn, EntryError, numberOf, textOf } from './entry.ts';
import { type Entry, LmdbFolder } from './lmdb-folder.ts';
import { type Json, type Store, StoreError } from './store.ts';

/** What becomes of an entry: another one, `null` for none, undefined for no change; and what the caller is told. */
type Decide<T> = (entry: Entry | undefined) => readonly [next: Entry | null | undefined, told: T];

/** A change that waits for its turn. */
interface Order {
  readonly decide: Decide<unknown>;
  readonly resolve: (told: unknown) => void;
  readonly reject: (error: unknown) => void;
}

export interface LmdbOptions {
  /** How long one call may take, in milliseconds. */
  readonly timeout?: number;
  /** How often what has ended is removed, in milliseconds. */
  readonly sweep?: number;
  /** How many entries there may be. */
  readonly capacity?: number;
}

/** How many calls may wait for the disk at once: more than that is a disk that does not answer. */
const MAX_WAITING = 10_000;

/**
 * A store in a folder, for all processes of one machine; it outlives them. Time is the wall clock, which they share.
 *
 * A change reads, decides, and writes on the condition that nobody wrote meanwhile; else it is decided anew. So no process
 * holds the lock of the folder while its own loop is busy. Changes of one key that come while it is being written are
 * gathered and written as one.
 */
export class LmdbStore implements Store {
  readonly kind = 'lmdb';
  readonly #folder: LmdbFolder;
  readonly #clock: Clock;
  readonly #timeout: number;
  readonly #sweeper: NodeJS.Timeout;
  readonly #orders = new Map<string, Order[]>();
  #waiting = 0;
  #trouble: string | undefined;
  #closed = false;

  /** @throws StoreError if the folder cannot be made or used. */
  constructor(path: string, clock: Clock, options: LmdbOptions = {}) {
    const { timeout = 2_000, sweep = 60_000, capacity = 1_000_000 } = options;
    this.#clock = clock;
    this.#timeout = timeout;
    this.#folder = new LmdbFolder(path, capacity, () => clock.now());
    const fault = (error: unknown): void => void this.#failure(error);
    this.#sweeper = setInterval(() => void this.#folder.sweep().catch(fault), sweep).unref();
  }

  get trouble(): string | undefined {
    return this.#trouble;
  }

  async get(key: string): Promise<Json | undefined> {
    checkKey(key);
    return this.#answer(async () => this.#folder.find(key).entry?.[1]);
  }

  async set(key: string, value: Json, ttl = Infinity): Promise<void> {
    const next = this.#entry(value, ttl);
    await this.#change(key, () => [next, undefined]);
    await this.#answer(() => this.#folder.flushed());
  }

  async add(key: string, value: Json, ttl = Infinity): Promise<boolean> {
    const next = this.#entry(value, ttl);
    return this.#change(key, (entry) => (entry ? [undefined, false] : [next, true]));
  }

  async take(key: string): Promise<Json | undefined> {
    return this.#change(key, (entry) => [entry && null, entry?.[1]]);
  }

  async delete(key: string): Promise<void> {
    return this.#change(key, (entry) => [entry && null, undefined]);
  }

  async increment(
    key: string,
    by: number,
    { ttl = Infinity, most = Infinity }: { readonly ttl?: number; readonly most?: number } = {},
  ): Promise<number> {
    return this.#change(key, (entry) => {
      const sum = numberOf(entry?.[1]);
      if (sum + by > most) return [undefined, sum];
      return [[entry ? entry[0] : this.#until(ttl), sum + by], sum + by];
    });
  }

  async draw(key: string, units: number, limit: Limit): Promise<number> {
    return this.#change(key, (entry) => {
      const before = numberOf(entry?.[1]);
      const { units: told, free } = drawn(before, units, limit, this.#clock.now());
      return [free === before ? undefined : [Math.ceil(free), free], told];
    });
  }

  async list(prefix: string): Promise<readonly (readonly [string, Json])[]> {
    return this.#answer(async () => [...this.#folder.range(prefix)]);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#sweeper);
    await this.#folder.close();
  }

  #entry(value: Json, ttl: number): Entry {
    textOf(value); // for its size
    return [this.#until(ttl), value];
  }

  #until(ttl: number): number {
    return ttl === Infinity ? 0 : Math.ceil(this.#clock.now() + ttl);
  }

  #change<T>(key: string, decide: Decide<T>): Promise<T> {
    checkKey(key);
    return this.#answer(
      () =>
        new Promise<T>((resolve, reject) => {
          // What is told is what its own decide returned.
          const order: Order = { decide, resolve: resolve as (told: unknown) => void, reject };
          const orders = this.#orders.get(key);
          if (orders) orders.push(order);
          else {
            this.#orders.set(key, [order]);
            void this.#serve(key);
          }
        }),
    );
  }

  /** Carries out all changes of one key, until there is none left. Never rejects. */
  async #serve(key: string): Promise<void> {
    for (;;) {
      const orders = this.#orders.get(key)?.splice(0) ?? [];
      if (orders.length === 0) break;
      try {
        const answers = await this.#apply(key, orders);
        for (const answer of answers) answer();
      } catch (error) {
        for (const { reject } of orders) reject(error);
      }
    }
    this.#orders.delete(key);
  }

  /** Writes what all of these make of the entry, in their order. Returns how to tell each of them. */
  async #apply(key: string, orders: readonly Order[]): Promise<readonly (() => void)[]> {
    for (;;) {
      if (this.#closed) throw new StoreError('closed');
      const found = this.#folder.find(key);
      let entry = found.entry;
      let next: Entry | null | undefined;
      const answers = orders.map(({ decide, resolve, reject }) => {
        try {
          const [changed, told] = decide(entry);
          if (changed !== undefined) next = changed;
          if (changed !== undefined) entry = changed ?? undefined;
          return () => resolve(told);
        } catch (error) {
          return () => reject(error);
        }
      });
      if (next === undefined || (await this.#folder.write(key, next, found.version))) return answers;
    }
  }

  /** Gives whatever LMDB does a limit in time and in number, and a word for what goes wrong. */
  async #answer<T>(work: () => Promise<T>): Promise<T> {
    if (this.#closed) throw new StoreError('closed');
    if (this.#waiting >= MAX_WAITING) throw new StoreError('the disk does not keep up');
    this.#waiting++;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      const error = new StoreError(`the disk took over ${this.#timeout} ms`);
      timer = setTimeout(() => setImmediate(reject, error), this.#timeout); // our own loop may be what is late
    });
    const working = work().finally(() => this.#waiting--);
    working.catch(() => {}); // it may fail when nobody waits any more
    try {
      const told = await Promise.race([working, late]);
      this.#trouble = undefined;
      return told;
    } catch (error) {
      throw this.#failure(error);
    } finally {
      clearTimeout(timer);
    }
  }

  #failure(error: unknown): StoreError {
    const failure = error instanceof StoreError ? error : new StoreError(String(error));
    if (!(failure instanceof EntryError) && !this.#closed) this.#trouble = failure.message;
    return failure;
  }
}
