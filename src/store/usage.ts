import type { Clock } from './clock.ts';
import { keyOf } from './entry.ts';
import type { Store } from './store.ts';

/** What is measured of a holder's connections. */
export const USED = ['received', 'sent', 'receivedBytes', 'sentBytes', 'milliseconds'] as const;

/** Whole numbers: messages and payload bytes that clients sent and were sent, and how long connections were open. */
export type Used = Readonly<Record<(typeof USED)[number], number>>;

/** Whose usage it is. A name that is too long for a key comes back as its SHA-256. */
export interface UsageHolder {
  readonly route: string;
  /** Empty for none. */
  readonly tenant: string;
  readonly subject: string;
}

/** What one holder used on one day of UTC (`2026-11-21`). */
export interface UsageRow extends UsageHolder, Used {
  readonly day: string;
}

/** What is asked for: days from the first to the last, both included, and who. */
export type UsageFilter = { readonly from: string; readonly to: string } & Partial<UsageHolder>;

/** Holders that wait to be written; beyond that the rest of a tenant is one holder. */
const MAX_WAITING = 50_000;

/** The subject under which the rest of a tenant is kept then. */
export const OTHERS = '(others)';

const DAY = 86_400_000;

interface Waiting {
  readonly prefix: string;
  readonly used: Record<(typeof USED)[number], number>;
}

/**
 * Adds up what is used, by day and holder, in the store that all nodes share. What was measured waits here until it is
 * written, also while the store is away; a node that is killed loses what it had not written.
 */
export class UsageMeter {
  readonly #store: Pick<Store, 'increment' | 'list'>;
  readonly #clock: Clock;
  /** How long a day's counts are kept, in milliseconds. */
  readonly #keep: number;
  #waiting = new Map<string, Waiting>();
  #writing: Promise<void> | undefined;

  constructor(store: Pick<Store, 'increment' | 'list'>, clock: Clock, keep: number) {
    this.#store = store;
    this.#clock = clock;
    this.#keep = keep;
  }

  add(holder: UsageHolder, used: Used): void {
    const day = dayOf(this.#clock.now());
    let prefix = prefixOf(day, holder);
    if (!this.#waiting.has(prefix) && this.#waiting.size >= MAX_WAITING) {
      prefix = prefixOf(day, { ...holder, subject: OTHERS });
    }
    const waiting = this.#waiting.get(prefix) ?? { prefix, used: { ...NOTHING } };
    this.#waiting.set(prefix, waiting);
    for (const unit of USED) waiting.used[unit] += used[unit];
  }

  /** Writes what has been added. What cannot be written waits for the next time. Never rejects. */
  flush(): Promise<void> {
    this.#writing ??= this.#write().finally(() => {
      this.#writing = undefined;
    });
    return this.#writing;
  }

  /** By day and holder. @throws RangeError for more than 366 days or what is no day. StoreError */
  async read(filter: UsageFilter): Promise<readonly UsageRow[]> {
    const rows = new Map<string, UsageRow & Waiting['used']>();
    for (const day of daysOf(filter)) {
      for (const [key, value] of await this.#store.list(`usage/${day}/`)) {
        const [, , tenant = '', subject = '', route = '', unit = ''] = key.split('/').map(decodeURIComponent);
        if (!isUnit(unit) || !matches(filter, { tenant, subject, route })) continue;
        const at = key.slice(0, key.lastIndexOf('/'));
        const row = rows.get(at) ?? { day, route, tenant, subject, ...NOTHING };
        row[unit] = Number(value);
        rows.set(at, row);
      }
    }
    return [...rows.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
  }

  async #write(): Promise<void> {
    const batch = this.#waiting;
    this.#waiting = new Map();
    for (const [key, { prefix, used }] of batch) {
      for (const unit of USED) {
        if (used[unit] === 0) continue;
        try {
          await this.#store.increment(`${prefix}${unit}`, used[unit], { ttl: this.#keep });
          used[unit] = 0;
        } catch {
          return this.#keepWaiting(batch);
        }
      }
      batch.delete(key);
    }
  }

  #keepWaiting(batch: ReadonlyMap<string, Waiting>): void {
    for (const [key, { prefix, used }] of batch) {
      const waiting = this.#waiting.get(key) ?? { prefix, used: { ...NOTHING } };
      this.#waiting.set(key, waiting);
      for (const unit of USED) waiting.used[unit] += used[unit];
    }
  }
}

const NOTHING: Used = { received: 0, sent: 0, receivedBytes: 0, sentBytes: 0, milliseconds: 0 };

function prefixOf(day: string, { tenant, subject, route }: UsageHolder): string {
  return `usage/${day}/${keyOf([tenant, subject, route])}/`;
}

function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

function daysOf({ from, to }: UsageFilter): string[] {
  const [first, last] = [Date.parse(from), Date.parse(to)];
  const count = (last - first) / DAY + 1;
  if (!(count >= 1 && count <= 366)) throw new RangeError('from a first day to a last one, 366 at most');
  return Array.from({ length: count }, (_, i) => dayOf(first + i * DAY));
}

function isUnit(text: string): text is (typeof USED)[number] {
  return (USED as readonly string[]).includes(text);
}

function matches(filter: UsageFilter, holder: UsageHolder): boolean {
  return (['tenant', 'subject', 'route'] as const).every(
    (part) => filter[part] === undefined || filter[part] === holder[part],
  );
}
