import type { Connection } from '../../pipeline/connection.ts';
import { Bucket, type Buckets, type Limit } from '../../store/buckets.ts';
import { networkOf } from '../../store/network.ts';

/** One limit of the route, and where a connection keeps the bucket it is measured with. */
export interface Meter {
  /** In `Spent.buckets`: the same after a reload. */
  readonly slot: number;
  readonly limit: Limit;
  readonly reason: string;
  /** Undefined for what is counted on the connection alone. */
  readonly key: ((connection: Connection) => string) | undefined;
}

/** By whom a limit is counted: its section in `limits`, and the holder's key. */
export const SCOPES = [
  ['perConnection', undefined],
  ['perAddress', (connection: Connection) => `address ${networkOf(connection.address)}`],
  // From here on the holder is the principal's, which a refresh may replace.
  ['perSubject', (connection: Connection) => `subject ${connection.principal.subject}`],
  ['perTenant', (connection: Connection) => `tenant ${connection.principal.tenant ?? ''}`],
] as const;
const FIRST_OF_PRINCIPAL = 4;

/** What one connection has used, and its references to the buckets it shares. */
export class Spent {
  readonly buckets = new Array<Bucket | undefined>(SCOPES.length * 2).fill(undefined);
  readonly refusals = new Bucket();
  types: Map<string, Bucket> | undefined;
  principal: unknown;
  /** Of the payload in hand: when it came on the monotonic clock, and how many of its messages are paid for. */
  now = 0;
  prepaid = 0;
}

const makeSpent = () => new Spent();

/** What this connection has used, without what a principal that was replaced has. */
export function spentOf(connection: Connection): Spent {
  const spent = connection.slot('rate', makeSpent);
  if (spent.principal !== connection.principal) {
    spent.principal = connection.principal;
    spent.buckets.fill(undefined, FIRST_OF_PRINCIPAL);
  }
  return spent;
}

/** The bucket that a limit is measured with. Kept on the connection: the table is asked when it is new or was let go. */
export function bucketOf(meter: Meter, spent: Spent, connection: Connection, buckets: Buckets): Bucket {
  const kept = spent.buckets[meter.slot];
  if (kept && !kept.retired) return kept;
  const found = meter.key ? buckets.bucket(`${meter.slot} ${meter.key(connection)}`) : new Bucket();
  spent.buckets[meter.slot] = found;
  return found;
}

/** The bucket of one type on one connection. Types are those with a limit, so there are few. */
export function typeBucket(type: string, spent: Spent): Bucket {
  spent.types ??= new Map();
  const known = spent.types.get(type);
  if (known) return known;
  const made = new Bucket();
  spent.types.set(type, made);
  return made;
}
