import { randomBytes } from 'node:crypto';
import type { Limit } from './buckets.ts';
import { checkKey, textOf } from './entry.ts';
import { openClient, type RedisClient, type Send } from './redis-client.ts';
import { RedisLink } from './redis-link.ts';
import type { RedisPlace } from './redis-place.ts';
import { DRAW, ERA, INCREMENT } from './redis-scripts.ts';
import { type Json, type Store, StoreError } from './store.ts';

export interface RedisStoreOptions {
  /** How long one command may take, in milliseconds. */
  readonly timeout?: number;
  /** How often the server is asked whether it still takes writes, in milliseconds. */
  readonly interval?: number;
  /** Called when it is back after it was away, and when it has lost what it had: what hangs on it is read and written anew. */
  readonly returned?: () => void;
}

/** Before each key. */
const PREFIX = 'sallyport:';
/** What tells a server that has kept everything from one that began anew. */
const ERA_KEY = `${PREFIX}@era`;
/** How many keys are asked for at once. */
const LISTED_AT_ONCE = 1_000;
/** How many entries a list may have: more is a mistake, and would not fit into memory. */
const MAX_LISTED = 500_000;

/**
 * A store in Redis or Valkey (6.2 or later), for all nodes: one server, a cluster, or a master that sentinels name. Each
 * method is one command or one script, so that it is atomic in one round trip; each key is one entry, so that a cluster can
 * hold any of them anywhere. Time is the server's.
 */
export class RedisStore implements Store {
  readonly kind = 'redis';
  readonly #link: RedisLink<RedisClient>;
  #era: string | undefined;
  #losses = 0;

  constructor(place: RedisPlace, { timeout = 500, interval = 1_000, returned }: RedisStoreOptions = {}) {
    this.#link = new RedisLink({
      open: (fault) => openClient(place, { fault }),
      probe: async (client) => {
        await client.verify();
        const fresh = randomBytes(8).toString('hex');
        const era = String(await client.send(ERA_KEY, ['EVAL', ERA, '1', ERA_KEY, fresh]));
        const lost = this.#era !== undefined && this.#era !== era;
        this.#era = era;
        if (lost) this.#losses++;
        if (lost) returned?.();
      },
      back: () => returned?.(),
      timeout,
      interval,
    });
  }

  /** Connects. Resolves after the first attempt, whether it succeeded or not: `trouble` says. */
  open(): Promise<void> {
    return this.#link.open();
  }

  get trouble(): string | undefined {
    return this.#link.trouble;
  }

  /** How often the server has lost what it had, since this store was made. */
  get losses(): number {
    return this.#losses;
  }

  async get(key: string): Promise<Json | undefined> {
    return parsed(await this.#send(key, 'GET', []));
  }

  async set(key: string, value: Json, ttl = Infinity): Promise<void> {
    await this.#send(key, 'SET', [textOf(value), ...expiry(ttl)]);
  }

  async add(key: string, value: Json, ttl = Infinity): Promise<boolean> {
    return (await this.#send(key, 'SET', [textOf(value), 'NX', ...expiry(ttl)])) !== null;
  }

  async take(key: string): Promise<Json | undefined> {
    return parsed(await this.#send(key, 'GETDEL', []));
  }

  async delete(key: string): Promise<void> {
    await this.#send(key, 'DEL', []);
  }

  async increment(
    key: string,
    by: number,
    { ttl = Infinity, most = Infinity }: { readonly ttl?: number; readonly most?: number } = {},
  ): Promise<number> {
    const words = [String(by), most === Infinity ? '' : String(most), expiry(ttl)[1] ?? ''];
    return Number(await this.#run(INCREMENT, key, words));
  }

  async draw(key: string, units: number, { interval, tolerance }: Limit): Promise<number> {
    return Number(await this.#run(DRAW, key, [String(units), String(interval), String(tolerance)]));
  }

  async list(prefix: string): Promise<readonly (readonly [string, Json])[]> {
    const masters = await this.#link.use(async (client) => client.masters());
    const found = new Map<string, Json>();
    for (const send of masters) {
      for await (const keys of this.#scan(send, `${PREFIX}${escaped(prefix)}*`)) {
        const values = await Promise.all(keys.map((key) => this.get(key)));
        for (const [i, key] of keys.entries()) {
          const value = values[i]; // none, if it has ended between the two commands
          if (value !== undefined) found.set(key, value);
        }
        if (found.size > MAX_LISTED) throw new StoreError(`more than ${MAX_LISTED} entries`);
      }
    }
    return [...found];
  }

  async close(): Promise<void> {
    this.#link.close();
  }

  /** Keys that match, a part at a time, without the prefix of ours. One may come twice. */
  async *#scan(send: Send, pattern: string): AsyncIterable<string[]> {
    let cursor = '0';
    do {
      const words = ['SCAN', cursor, 'MATCH', pattern, 'COUNT', String(LISTED_AT_ONCE)];
      const [next, keys] = (await this.#link.use(() => send(words))) as [unknown, unknown[]];
      cursor = String(next);
      const names = keys.filter((key) => key !== ERA_KEY).map((key) => String(key).slice(PREFIX.length));
      for (let i = 0; i < names.length; i += LISTED_AT_ONCE) yield names.slice(i, i + LISTED_AT_ONCE);
    } while (cursor !== '0');
  }

  async #run(script: string, key: string, words: readonly string[]): Promise<unknown> {
    checkKey(key);
    const place = PREFIX + key;
    return this.#use(place, ['EVAL', script, '1', place, ...words]);
  }

  async #send(key: string, command: string, words: readonly string[]): Promise<unknown> {
    checkKey(key);
    const place = PREFIX + key;
    return this.#use(place, [command, place, ...words]);
  }

  async #use(key: string, words: readonly string[]): Promise<unknown> {
    return this.#link.use((client) => client.send(key, words));
  }
}

/** Redis takes whole milliseconds, and at least one. */
function expiry(ttl: number): readonly string[] {
  return ttl === Infinity ? [] : ['PX', String(Math.max(1, Math.ceil(ttl)))];
}

function parsed(reply: unknown): Json | undefined {
  if (reply === null || reply === undefined) return undefined;
  try {
    return JSON.parse(String(reply));
  } catch {
    throw new StoreError('there is something under this key that is not ours');
  }
}

/** A text as the pattern of SCAN that matches it alone. */
function escaped(text: string): string {
  return text.replace(/[\\*?[\]^-]/g, '\\$&');
}
