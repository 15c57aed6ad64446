import type { Limit } from './buckets.ts';
import type { Clock } from './clock.ts';
import { checkKey, drawn, numberOf, textOf } from './entry.ts';
import { type Json, type Store, StoreError } from './store.ts';

interface Entry {
  readonly value: Json;
  /** Monotonic milliseconds. */
  readonly until: number;
}

/** More than a gateway without a folder or a server should hold. */
const MAX_ENTRIES = 100_000;

/** A store of one process, which ends with it: where the configuration has no `state`. */
export class MemoryStore implements Store {
  readonly kind = 'memory';
  readonly trouble = undefined;
  readonly #entries = new Map<string, Entry>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async get(key: string): Promise<Json | undefined> {
    return this.#find(key)?.value;
  }

  async set(key: string, value: Json, ttl = Infinity): Promise<void> {
    this.#put(key, value, this.#clock.monotonic() + ttl);
  }

  async add(key: string, value: Json, ttl = Infinity): Promise<boolean> {
    if (this.#find(key)) return false;
    this.#put(key, value, this.#clock.monotonic() + ttl);
    return true;
  }

  async take(key: string): Promise<Json | undefined> {
    const found = this.#find(key);
    this.#entries.delete(key);
    return found?.value;
  }

  async delete(key: string): Promise<void> {
    checkKey(key);
    this.#entries.delete(key);
  }

  async increment(
    key: string,
    by: number,
    { ttl = Infinity, most = Infinity }: { readonly ttl?: number; readonly most?: number } = {},
  ): Promise<number> {
    const found = this.#find(key);
    const sum = numberOf(found?.value);
    if (sum + by > most) return sum;
    this.#put(key, sum + by, found?.until ?? this.#clock.monotonic() + ttl);
    return sum + by;
  }

  async draw(key: string, units: number, limit: Limit): Promise<number> {
    const before = numberOf(this.#find(key)?.value);
    const { units: told, free } = drawn(before, units, limit, this.#clock.monotonic());
    if (free !== before) this.#put(key, free, free);
    return told;
  }

  async list(prefix: string): Promise<readonly (readonly [string, Json])[]> {
    return [...this.#entries.keys()].flatMap((key) => {
      const found = key.startsWith(prefix) ? this.#find(key) : undefined;
      return found ? [[key, found.value] as const] : [];
    });
  }

  async close(): Promise<void> {
    this.#entries.clear();
  }

  #find(key: string): Entry | undefined {
    checkKey(key);
    const found = this.#entries.get(key);
    if (!found || found.until > this.#clock.monotonic()) return found;
    this.#entries.delete(key);
    return undefined;
  }

  #put(key: string, value: Json, until: number): void {
    checkKey(key);
    textOf(value);
    if (!this.#entries.has(key) && this.#entries.size >= MAX_ENTRIES) this.#sweep();
    if (!this.#entries.has(key) && this.#entries.size >= MAX_ENTRIES) throw new StoreError('full');
    this.#entries.set(key, { value, until });
  }

  #sweep(): void {
    for (const key of [...this.#entries.keys()]) this.#find(key);
  }
}
