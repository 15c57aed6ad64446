import type { Clock } from './clock.ts';

/**
 * A rate with a burst as the generic cell rate algorithm sees it (ITU-T I.371 annex A): `interval` milliseconds pay for
 * one unit, and an empty bucket holds `tolerance` milliseconds' worth.
 */
export interface Limit {
  readonly interval: number;
  readonly tolerance: number;
}

/** `count` units in each `period` milliseconds, `burst` of them at once. */
export function limitOf(
  rate: { readonly count: number; readonly period: number },
  burst = rate.count,
): Limit {
  const interval = rate.period / rate.count;
  return { interval, tolerance: interval * burst };
}

/**
 * What one holder has used. It knows no limit: a limit changed by a reload applies to what was used before it.
 * Asking and paying are two steps, so that a message which one of several buckets refuses is paid for in none.
 */
export class Bucket {
  /** Set when the table has let go of it: whoever kept a reference asks for it anew. */
  retired = false;
  /** When all that was taken is paid back, on the monotonic clock. */
  #free = 0;

  /** Milliseconds until `units` can be taken; 0 is now. */
  wait(limit: Limit, now: number, units: number): number {
    const used = Math.max(this.#free - now, 0);
    const over = used + units * limit.interval - limit.tolerance;
    // Half a millionth of a unit forgives the rounding of many small sums.
    return over <= limit.interval * 5e-7 ? 0 : over;
  }

  /**
   * Milliseconds until anything can be taken: one take may then be larger than the bucket and leave it in debt. For
   * units whose size the taker does not choose freely, as the bytes of a message.
   */
  debt(limit: Limit, now: number): number {
    const over = this.#free - now - limit.tolerance;
    return over < 0 ? 0 : over + limit.interval;
  }

  take(limit: Limit, now: number, units: number): void {
    this.#free = Math.max(this.#free, now) + units * limit.interval;
  }

  /** Whether all is paid back: a new bucket is the same as this one. */
  isFull(now: number): boolean {
    return this.#free <= now;
  }
}

/** Buckets by holder: of this process alone, or leases of an allowance that many share (`leases.ts`). */
export interface Buckets {
  /** The bucket of this key. It may be kept until it is `retired`. */
  bucket(key: string): Bucket;
  /** What holds from here on while others cannot be asked; of no meaning where there are none. */
  fail?: Fail;
}

/** `local`: every node grants the whole limit for itself. `open`: no limit. `closed`: nothing passes. */
export type Fail = 'local' | 'open' | 'closed';

/** How many old buckets are looked at for each new one: the table is swept as it grows, without a timer. */
const SWEPT_PER_NEW = 4;
/** How many are looked at before a full table gives up. */
const SWEPT_WHEN_FULL = 256;
/**
 * How long a full bucket stays if there is room, in milliseconds: whoever sends now and then keeps a reference that
 * holds, instead of asking for a new bucket with each message.
 */
const KEPT = 60_000;

/**
 * The buckets of one process, bounded in number. Only a bucket that is full again is let go, so nobody gets a fresh
 * allowance by making others be counted; while the table is full of others, newcomers share one bucket.
 */
export class LocalBuckets implements Buckets {
  readonly #buckets = new Map<string, Bucket>();
  readonly #clock: Clock;
  readonly #capacity: number;
  readonly #make: (key: string) => Bucket;
  readonly #overflow: Bucket;
  #hand: Iterator<[string, Bucket]>;

  constructor(clock: Clock, capacity: number, make: (key: string) => Bucket = () => new Bucket()) {
    this.#clock = clock;
    this.#capacity = capacity;
    this.#make = make;
    this.#overflow = make('');
    this.#hand = this.#buckets.entries();
    // Never kept: each message asks again, and gets a bucket of its own when there is room.
    this.#overflow.retired = true;
  }

  get size(): number {
    return this.#buckets.size;
  }

  bucket(key: string): Bucket {
    const known = this.#buckets.get(key);
    if (known) return known;
    const now = this.#clock.monotonic();
    if (this.#buckets.size < this.#capacity) this.#sweep(SWEPT_PER_NEW, now - KEPT);
    else this.#sweep(SWEPT_WHEN_FULL, now);
    if (this.#buckets.size >= this.#capacity) return this.#overflow;
    const made = this.#make(key);
    this.#buckets.set(key, made);
    return made;
  }

  /** Lets go of buckets that have been full since then. Goes on from where it stopped, and around. */
  #sweep(count: number, since: number): void {
    for (let looked = 0; looked < count; looked++) {
      const next = this.#hand.next();
      if (next.done) {
        this.#hand = this.#buckets.entries();
        return;
      }
      const [key, bucket] = next.value;
      if (!bucket.isFull(since)) continue;
      bucket.retired = true;
      this.#buckets.delete(key);
    }
  }
}
