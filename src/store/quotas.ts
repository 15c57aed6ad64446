import type { Fail } from './buckets.ts';
import type { Clock } from './clock.ts';
import type { Store } from './store.ts';

/** For how long a quota is given: a day or a month, of UTC. */
export type QuotaPeriod = 'day' | 'month';

/** So many units in each period. */
export interface Quota {
  readonly most: number;
  readonly period: QuotaPeriod;
}

/** How much is leased at a time: a tenth of the quota, but enough for what one chunk may hold. */
const LEAST_LEASE = 32;
const MOST_LEASE = 10_000_000;

/** How often what was not spent is given back, in milliseconds. */
const TURN = 5_000;

/** How long after its period a count is kept, in milliseconds: for clocks that do not agree. */
const KEPT = 86_400_000;

/** How long a node that was given nothing, or no answer, waits before it asks again, in milliseconds. */
const PATIENCE = 1_000;

/** Holders whose quota is spent here at a time; beyond that nothing is leased, and nothing passes. */
const CAPACITY = 200_000;

/**
 * Quotas of holders, counted in the store for all nodes and over restarts. A node leases a part, spends it without asking, and
 * gives back what it has not spent. One node never spends more than the quota; of N nodes, each but one may spend one lease
 * beyond it, while the next is on its way. A node that is killed takes the rest of its lease with it.
 */
export class Quotas {
  readonly #store: Pick<Store, 'increment'>;
  readonly #clock: Clock;
  readonly #allowances = new Map<string, Allowance>();
  #turn: NodeJS.Timeout | undefined;

  constructor(store: Pick<Store, 'increment'>, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** What this node may spend of one holder's quota. The key names route, holder, unit and kind of period. */
  of(key: string, quota: Quota, fail: Fail): Allowance {
    let found = this.#allowances.get(key);
    if (!found) {
      found = new Allowance(key, this.#store, this.#clock);
      found.full = this.#allowances.size >= CAPACITY;
      found.retired = found.full; // nobody keeps it: each asks again, until there is room
      if (!found.full) this.#allowances.set(key, found);
    }
    found.quota = quota;
    found.fail = fail;
    this.#turn ??= setInterval(() => this.turn(), TURN).unref();
    return found;
  }

  /** Lets go of what has not been used since the last turn. */
  turn(): void {
    for (const [key, allowance] of this.#allowances) {
      if (allowance.used) allowance.used = false;
      else if (allowance.release()) this.#allowances.delete(key);
    }
  }

  /** Gives everything back. Resolves when the store has it, or cannot be asked. */
  async close(): Promise<void> {
    clearInterval(this.#turn);
    await Promise.all([...this.#allowances.values()].map((allowance) => allowance.giveBack()));
    this.#allowances.clear();
  }
}

/** A part of one holder's quota. */
export class Allowance {
  quota: Quota = { most: 0, period: 'day' };
  fail: Fail = 'local';
  /** There is no room to count it. */
  full = false;
  /** Set when it has been let go: whoever kept it asks for it anew. */
  retired = false;
  used = true;
  readonly #key: string;
  readonly #store: Pick<Store, 'increment'>;
  readonly #clock: Clock;
  #span: Span | undefined;
  /** Below zero: spent on trust while a lease is on its way. */
  #credit = 0;
  #leasing: Promise<void> | undefined;
  #askAgain = 0;
  /** What nobody had leased when the store last answered: more is not spent on trust. */
  #unleased = 0;
  #away = false;
  /** Spent in this period while nobody could be asked. */
  #alone = 0;

  constructor(key: string, store: Pick<Store, 'increment'>, clock: Clock) {
    this.#key = key;
    this.#store = store;
    this.#clock = clock;
  }

  /** Resolves when it is known what may be spent: before the first unit of a connection. */
  async ready(): Promise<void> {
    this.#enter(this.#clock.now());
    if (this.#credit <= 0) await this.#lease();
  }

  /** Whether so many units may be spent. */
  allows(units: number): boolean {
    const now = this.#clock.now();
    this.#enter(now);
    this.used = true;
    if (this.full) return false;
    if (this.#away) void this.#lease();
    if (this.#away && this.fail !== 'local') return this.fail === 'open';
    if (this.#away) return this.#alone + units <= this.quota.most;
    if (this.#credit >= units) return true;
    void this.#lease();
    return this.#leasing !== undefined && this.#credit + this.#trust >= units;
  }

  spend(units: number): void {
    this.#credit -= units;
    if (this.#away) this.#alone += units;
    if (this.#credit < this.#portion / 2) void this.#lease();
  }

  /** Milliseconds until the next period begins. */
  get renews(): number {
    const now = this.#clock.now();
    return this.#enter(now).ends - now;
  }

  /** Gives back what is left, if nothing is under way; whether nothing is owed then. */
  release(): boolean {
    if (this.#leasing || this.#credit < 0) return false;
    this.retired = true;
    void this.giveBack();
    return true;
  }

  async giveBack(): Promise<void> {
    await this.#leasing;
    const left = Math.floor(this.#credit);
    const span = this.#span;
    this.#credit = 0;
    if (!span || left === 0 || this.#away) return;
    await this.#store
      .increment(`${span.prefix}${this.#key}`, -left, { ttl: span.ends - span.begins + KEPT })
      .then(
        () => undefined,
        () => undefined, // counted as spent: never the other way round
      );
  }

  get #portion(): number {
    return Math.max(LEAST_LEASE, Math.min(MOST_LEASE, Math.ceil(this.quota.most / 10)));
  }

  /** What may be spent while the next lease is on its way. */
  get #trust(): number {
    return Math.min(this.#portion, this.#unleased);
  }

  /** The period of now. What was leased for the last one ends with it. */
  #enter(now: number): Span {
    if (this.#span && now < this.#span.ends && this.#span.period === this.quota.period) return this.#span;
    this.#credit = 0;
    this.#alone = 0;
    this.#askAgain = 0;
    this.#unleased = 0;
    this.#span = spanOf(this.quota.period, now);
    return this.#span;
  }

  #lease(): Promise<void> {
    if (this.#leasing) return this.#leasing;
    if (this.#clock.monotonic() < this.#askAgain) return Promise.resolve();
    this.#leasing = this.#ask().finally(() => {
      this.#leasing = undefined;
    });
    return this.#leasing;
  }

  async #ask(): Promise<void> {
    const span = this.#enter(this.#clock.now());
    const wanted = this.#portion + Math.ceil(Math.max(0, -this.#credit));
    const ttl = span.ends - span.begins + KEPT;
    try {
      const count = await this.#store.increment(`${span.prefix}${this.#key}`, wanted, { ttl });
      const granted = Math.max(0, Math.min(wanted, this.quota.most - (count - wanted)));
      if (this.#away) this.#credit = -this.#alone;
      this.#away = false;
      this.#alone = 0;
      if (span === this.#span) this.#credit += granted;
      this.#unleased = Math.max(0, this.quota.most - count);
      if (granted < wanted) {
        this.#askAgain = this.#clock.monotonic() + PATIENCE;
        // What goes beyond the quota was never anybody's: the count says what is leased.
        await this.#store.increment(`${span.prefix}${this.#key}`, granted - wanted, { ttl });
      }
    } catch {
      this.#away = true;
      this.#askAgain = this.#clock.monotonic() + PATIENCE;
    }
  }
}

/** One day or month. */
interface Span {
  readonly period: QuotaPeriod;
  /** Of its keys in the store. */
  readonly prefix: string;
  /** Milliseconds since the epoch. */
  readonly begins: number;
  readonly ends: number;
}

function spanOf(period: QuotaPeriod, now: number): Span {
  const at = new Date(now);
  const [year, month, day] = [at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate()];
  const begins = period === 'day' ? Date.UTC(year, month, day) : Date.UTC(year, month, 1);
  const ends = period === 'day' ? Date.UTC(year, month, day + 1) : Date.UTC(year, month + 1, 1);
  const name = new Date(begins).toISOString().slice(0, period === 'day' ? 10 : 7);
  return { period, prefix: `quota/${name}/`, begins, ends };
}
