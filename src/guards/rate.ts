import type { Connection } from '../pipeline/connection.ts';
import { type Guard, guardKind } from '../pipeline/guard.ts';
import type { Message, Payload } from '../pipeline/message.ts';
import { PASS, type Refused, refuse, type Verdict } from '../pipeline/verdict.ts';
import type { Buckets, Limit } from '../store/buckets.ts';
import type { Clock } from '../store/clock.ts';
import { createBuckets } from '../store/leases.ts';
import { bucketOf, type Meter, type Spent, spentOf, typeBucket } from './rate/meters.ts';
import { type RatePlan, rateOptions, ratePlan } from './rate/options.ts';

/** Buckets a route may hold at a time, for all its subjects, tenants and addresses together. */
const CAPACITY = 200_000;

/**
 * How fast messages and bytes may come: on one connection, and from all connections of one subject, tenant or address
 * (IPv6: one /64) of this route, on all nodes; of one type on one connection. A refused message is not counted. What others
 * share lives in `services.shared` and what is the connection's own in its slot, so a reload hands nobody a fresh allowance.
 */
export const rate = guardKind({
  name: 'rate',
  options: rateOptions,

  create({ limits }, { route, dialect, services }) {
    const plan = ratePlan(limits, dialect);
    if (!plan) return undefined;
    const owner = `rate:${route}`;
    const buckets = services.shared.get(owner, () => createBuckets(services, owner, CAPACITY));
    buckets.fail = limits?.fail?.rate ?? services.fail;
    return new RateGuard(plan, buckets, services.clock);
  },
});

/** Asks every bucket before it takes from any, so that a refused message is paid for in none. */
class RateGuard implements Guard {
  readonly #plan: RatePlan;
  readonly #buckets: Buckets;
  readonly #clock: Clock;

  constructor(plan: RatePlan, buckets: Buckets, clock: Clock) {
    this.#plan = plan;
    this.#buckets = buckets;
    this.#clock = clock;
  }

  /** One message and its bytes, before anything is read of it: a flood costs no parsing. */
  onPayload({ bytes }: Payload, connection: Connection): Verdict {
    const now = this.#clock.monotonic();
    const spent = spentOf(connection);
    spent.now = now;
    const { messages, bytes: byBytes } = this.#plan;
    const over = this.#over(messages, 1, spent, connection, now);
    if (over) return over;
    for (const meter of byBytes) {
      const wait = bucketOf(meter, spent, connection, this.#buckets).debt(meter.limit, now);
      if (wait > 0) return this.#tooFast(meter.reason, wait, spent, now);
    }
    this.#take(messages, 1, spent, connection, now);
    this.#take(byBytes, bytes.length, spent, connection, now);
    spent.prepaid = 1;
    return PASS;
  }

  /** What the type costs beyond the one message that its payload has paid for; each further message of a batch. */
  onMessage({ type }: Message, connection: Connection): Verdict {
    const spent = spentOf(connection);
    const { costs, types, messages } = this.#plan;
    const due = (type === undefined ? 1 : lookUp(costs, type, 1)) - spent.prepaid;
    spent.prepaid = 0;
    const limit = type === undefined ? undefined : lookUp(types, type, undefined);
    if (due === 0 && limit === undefined) return PASS;

    const { now } = spent;
    const over =
      (due > 0 && this.#over(messages, due, spent, connection, now)) ||
      (limit && this.#overType(type!, limit, spent, now));
    if (over) return over;
    if (due > 0) this.#take(messages, due, spent, connection, now);
    if (limit) typeBucket(type!, spent).take(limit, now, 1);
    return PASS;
  }

  #over(
    meters: readonly Meter[],
    units: number,
    spent: Spent,
    connection: Connection,
    now: number,
  ): Refused | undefined {
    for (const meter of meters) {
      const wait = bucketOf(meter, spent, connection, this.#buckets).wait(meter.limit, now, units);
      if (wait > 0) return this.#tooFast(meter.reason, wait, spent, now);
    }
    return undefined;
  }

  #overType(type: string, limit: Limit, spent: Spent, now: number): Refused | undefined {
    const wait = typeBucket(type, spent).wait(limit, now, 1);
    return wait > 0 ? this.#tooFast('limits.perType', wait, spent, now) : undefined;
  }

  #take(meters: readonly Meter[], units: number, spent: Spent, connection: Connection, now: number): void {
    for (const meter of meters) {
      bucketOf(meter, spent, connection, this.#buckets).take(meter.limit, now, units);
    }
  }

  /** Refused; and closed, if the connection goes on as though it had not been told. */
  #tooFast(limit: string, wait: number, spent: Spent, now: number): Refused {
    const { refusals } = this.#plan;
    const patient = spent.refusals.wait(refusals, now, 1) === 0;
    if (patient) spent.refusals.take(refusals, now, 1);
    return refuse('rate_exceeded', `over ${limit}`, patient ? undefined : 'close', Math.ceil(wait));
  }
}

/** Most routes treat all types alike: then the text of the type need not be hashed. */
function lookUp<T, Otherwise>(
  byType: ReadonlyMap<string, T>,
  type: string,
  otherwise: Otherwise,
): T | Otherwise {
  return byType.size === 0 ? otherwise : (byType.get(type) ?? otherwise);
}
