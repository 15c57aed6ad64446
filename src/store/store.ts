import type { Limit } from './buckets.ts';

/** What a store keeps: small facts, as JSON has them. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/**
 * Facts that outlive a process and that all workers and nodes see: one interface, and one test suite for every form of
 * it. Keys are a path whose first part names the owner (`ticket/…`, `revocation/…`). No message ever waits for a store;
 * upgrades, operators and timers do.
 *
 * Every method rejects with a StoreError within a bounded time when the store cannot answer.
 */
export interface Store {
  /** As health, log and metrics call it. */
  readonly kind: 'memory' | 'lmdb' | 'redis';
  get(key: string): Promise<Json | undefined>;
  /** `ttl` in milliseconds; kept for good without one. */
  set(key: string, value: Json, ttl?: number): Promise<void>;
  /** Sets it only if there is none; whether it was set. Of two that race, one wins. */
  add(key: string, value: Json, ttl?: number): Promise<boolean>;
  /** Gets and removes in one step: of two that race for something of single use, one gets it. */
  take(key: string): Promise<Json | undefined>;
  delete(key: string): Promise<void>;
  /**
   * Adds to a number that is 0 until then, and tells what it is now. `ttl`, in milliseconds, counts from the first add. In
   * no case does the sum pass `most`: then nothing is added, and the sum that there is comes back.
   */
  increment(
    key: string,
    by: number,
    options?: { readonly ttl?: number; readonly most?: number },
  ): Promise<number>;
  /**
   * Takes up to so many units from an allowance that all share, as much as there is, and tells how many: the generic cell
   * rate algorithm of `buckets.ts` in one step, by the store's own clock. Nobody else writes under such a key.
   */
  draw(key: string, units: number, limit: Limit): Promise<number>;
  /** All entries whose key begins so. For what is few, or read once at the start. */
  list(prefix: string): Promise<readonly (readonly [string, Json])[]>;
  /** Why it cannot answer at the moment, for the health report; undefined while it can. */
  readonly trouble: string | undefined;
  close(): Promise<void>;
}

/** A store that cannot answer: away, too slow, read-only or full. Whoever asked says what that means. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
}
