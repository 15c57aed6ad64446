import { Bucket, type Buckets, type Fail, type Limit, LocalBuckets } from './buckets.ts';
import type { Clock } from './clock.ts';
import { keyOf } from './entry.ts';
import type { Store } from './store.ts';

/** For how long units that were leased and not spent stay good, in milliseconds. */
export const HOLD = 500;

/** How long a node that was given too little, or no answer, waits before it asks again, in milliseconds. */
const PATIENCE = 100;

/** How many debtors are settled in one turn: what a turn may cost the store. */
const SETTLED_PER_TURN = 256;

/** Where the units come from, and what holds while they do not. */
export interface Lender {
  readonly store: Pick<Store, 'draw'>;
  readonly clock: Clock;
  /** Before the key of each bucket: whose allowance it is. */
  readonly owner: string;
  /** As configured at the moment. */
  fail: Fail;
}

/** What a limit needs of the services to be counted, here or with others. */
export interface Counting {
  readonly clock: Clock;
  readonly store: Pick<Store, 'draw'>;
  readonly alone: boolean;
}

/** The buckets of one owner (`rate:chat`): leased where others share its limits. */
export function createBuckets({ clock, store, alone }: Counting, owner: string, capacity: number): Buckets {
  if (alone) return new LocalBuckets(clock, capacity);
  return new LeasedBuckets({ store, clock, owner, fail: 'local' }, capacity);
}

/**
 * The buckets of limits that many processes share. A message never waits for the store: a node spends first, on trust,
 * at most one burst, and settles afterwards with units that it draws from the allowance of all. What it is not given is
 * debt, and while that is a whole burst nothing passes.
 *
 * So of a limit with burst B and rate R, over N nodes, there pass in any window W
 *
 *     at most (N + 1)·B + R·(W + HOLD)
 *
 * and over time R, wherever the holder connects; on one node at most B + R·W, as ever. The nodes need no common clock:
 * the store's own decides.
 */
export class LeasedBuckets implements Buckets {
  readonly #lender: Lender;
  readonly #table: LocalBuckets;
  readonly #debtors = new Set<LeasedBucket>();
  #turn: NodeJS.Timeout | undefined;

  constructor(lender: Lender, capacity: number) {
    const owe = (debtor: LeasedBucket): void => this.#owe(debtor);
    this.#lender = lender;
    this.#table = new LocalBuckets(lender.clock, capacity, (key) => new LeasedBucket(key, lender, owe));
  }

  /** What holds from here on while the store is away: a reload may change it. */
  set fail(fail: Fail) {
    this.#lender.fail = fail;
  }

  bucket(key: string): Bucket {
    return this.#table.bucket(key);
  }

  /** Asks again for those that were given too little, so that who was quiet meanwhile owes nothing. */
  settle(): void {
    clearTimeout(this.#turn);
    this.#turn = undefined;
    let left = SETTLED_PER_TURN;
    for (const debtor of this.#debtors) {
      if (left-- === 0) break;
      this.#debtors.delete(debtor);
      debtor.settle();
    }
    if (this.#debtors.size > 0) this.#wake();
  }

  #owe(debtor: LeasedBucket): void {
    this.#debtors.add(debtor);
    this.#wake();
  }

  #wake(): void {
    this.#turn ??= setTimeout(() => this.settle(), PATIENCE).unref();
  }
}

class LeasedBucket extends Bucket {
  /** In the store. */
  readonly #key: string;
  readonly #lender: Lender;
  readonly #owe: (debtor: LeasedBucket) => void;
  /** Units that may be spent; below zero, units that were spent on trust. */
  #credit = 0;
  /** Until when units that are left over stay good, monotonic milliseconds. */
  #freshUntil = 0;
  /** Spent since `paceSince`: as much is drawn beyond the debt, for what is to come. */
  #pace = 0;
  #paceSince = 0;
  /** The limit that it was last measured with. */
  #limit: Limit | undefined;
  #drawing = false;
  #short = false;
  #away = false;

  constructor(key: string, lender: Lender, owe: (debtor: LeasedBucket) => void) {
    super();
    this.#key = `lease/${keyOf([lender.owner, key])}`;
    this.#lender = lender;
    this.#owe = owe;
  }

  override wait(limit: Limit, now: number, units: number): number {
    if (this.#away && this.#lender.fail !== 'local') return this.#alone(limit);
    const wait = super.wait(limit, now, units);
    if (wait > 0 || this.#good(now) + burstOf(limit) >= units) return wait;
    this.#draw(limit, now);
    return PATIENCE;
  }

  override debt(limit: Limit, now: number): number {
    if (this.#away && this.#lender.fail !== 'local') return this.#alone(limit);
    const wait = super.debt(limit, now);
    if (wait > 0 || this.#good(now) + burstOf(limit) > 0) return wait;
    this.#draw(limit, now);
    return PATIENCE;
  }

  override take(limit: Limit, now: number, units: number): void {
    if (this.#away && this.#lender.fail === 'open') return;
    super.take(limit, now, units);
    this.#credit = this.#good(now) - units;
    if (now - this.#paceSince > HOLD) {
      this.#pace = 0;
      this.#paceSince = now;
    }
    this.#pace += units;
    if (this.#credit <= 0 && !this.#short) this.#draw(limit, now);
  }

  override isFull(now: number): boolean {
    return super.isFull(now) && this.#credit >= 0 && !this.#drawing;
  }

  settle(): void {
    this.#short = false;
    if (this.#limit) this.#draw(this.#limit, this.#lender.clock.monotonic());
  }

  /** While the store is away, and the limit is not to be kept by each node for itself. */
  #alone(limit: Limit): number {
    this.#limit = limit;
    return this.#lender.fail === 'open' ? 0 : PATIENCE;
  }

  /** The credit, without what was kept for too long: units drawn in one window must not be saved up for another. */
  #good(now: number): number {
    if (this.#credit > 0 && now >= this.#freshUntil) this.#credit = 0;
    return this.#credit;
  }

  #draw(limit: Limit, now: number): void {
    this.#limit = limit;
    if (this.#drawing) return;
    this.#drawing = true;
    const ahead = now - this.#paceSince <= HOLD ? Math.min(this.#pace, burstOf(limit)) : 0;
    const wanted = Math.max(1, Math.ceil(ahead - Math.min(0, this.#credit)));
    this.#lender.store.draw(this.#key, wanted, limit).then(
      (drawn) => this.#drawn(drawn, wanted),
      () => this.#failed(),
    );
  }

  #drawn(units: number, wanted: number): void {
    const now = this.#lender.clock.monotonic();
    this.#drawing = false;
    this.#away = false;
    this.#credit = this.#good(now) + units;
    this.#freshUntil = now + HOLD;
    this.#short = units < wanted && this.#credit < 0;
    if (this.#short) this.#owe(this);
    else if (this.#credit < 0) this.#draw(this.#limit!, now); // more was spent meanwhile
  }

  /** Nobody can say what others have spent; what was spent on trust is forgiven, or `local` would not be what it says. */
  #failed(): void {
    this.#drawing = false;
    this.#away = true;
    this.#credit = 0;
    this.#short = true;
    this.#owe(this);
  }
}

/** In units. One burst is what a node may owe: so nobody is refused for being quicker than the store. */
function burstOf(limit: Limit): number {
  return limit.tolerance / limit.interval;
}
