import { type Json, type Store, StoreError } from '../store/store.ts';
import type { Channel } from './channel.ts';

/** How long the supervisor may take, in milliseconds. */
const TIMEOUT = 2_000;

/** What of a store can be asked for from another process. */
const METHODS = ['get', 'set', 'add', 'take', 'delete', 'increment', 'draw', 'list'] as const;
type Method = (typeof METHODS)[number];

/**
 * The store of a worker where the configuration has none: what the supervisor holds in its memory, so that all workers
 * see the same, and one that is new finds it.
 */
export class LentStore implements Store {
  readonly kind = 'memory';
  trouble: string | undefined;
  readonly #channel: Channel;

  constructor(channel: Channel) {
    this.#channel = channel;
  }

  get(key: string): Promise<Json | undefined> {
    return this.#ask('get', key);
  }

  set(key: string, value: Json, ttl?: number): Promise<void> {
    return this.#ask('set', key, value, ttl);
  }

  add(key: string, value: Json, ttl?: number): Promise<boolean> {
    return this.#ask('add', key, value, ttl);
  }

  take(key: string): Promise<Json | undefined> {
    return this.#ask('take', key);
  }

  delete(key: string): Promise<void> {
    return this.#ask('delete', key);
  }

  increment(...args: Parameters<Store['increment']>): Promise<number> {
    return this.#ask('increment', ...args);
  }

  draw(...args: Parameters<Store['draw']>): Promise<number> {
    return this.#ask('draw', ...args);
  }

  list(prefix: string): Promise<readonly (readonly [string, Json])[]> {
    return this.#ask('list', prefix);
  }

  /** It is the supervisor's, and goes on. */
  async close(): Promise<void> {}

  async #ask<T>(method: Method, ...args: readonly unknown[]): Promise<T> {
    try {
      const value = await this.#channel.ask<T>('store', [method, ...args], TIMEOUT);
      this.trouble = undefined;
      return value;
    } catch (error) {
      this.trouble = `the supervisor ${(error as Error).message}`;
      throw new StoreError(this.trouble);
    }
  }
}

/** The supervisor's side: does what a LentStore asks for. */
export async function lend(store: Store, [method, ...args]: readonly unknown[]): Promise<unknown> {
  if (!METHODS.includes(method as Method)) throw new RangeError(`no store can ${String(method)}`);
  // A LentStore is the only one that asks, with the arguments of the method of the same name.
  const call = store[method as Method] as (...args: readonly unknown[]) => Promise<unknown>;
  return call.apply(store, args as unknown[]);
}
