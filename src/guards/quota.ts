import { z } from 'zod';
import type { Candidate, Connection } from '../pipeline/connection.ts';
import { type Guard, guardKind, type OptionsOf } from '../pipeline/guard.ts';
import type { Payload } from '../pipeline/message.ts';
import type { Principal } from '../pipeline/principal.ts';
import { size } from '../pipeline/units.ts';
import { PASS, type Refused, refuse, type Verdict } from '../pipeline/verdict.ts';
import type { Fail } from '../store/buckets.ts';
import type { Clock } from '../store/clock.ts';
import { keyOf } from '../store/entry.ts';
import type { Allowance, Quota, Quotas } from '../store/quotas.ts';
import { fail } from './fail.ts';

const count = z.int().min(1).max(Number.MAX_SAFE_INTEGER).optional();

const amounts = z
  .strictObject({
    messages: count.describe('Messages that clients send.'),
    bytes: size.optional().describe('Payload bytes that clients send.'),
    minutes: count.describe('Minutes that connections are open, each for itself.'),
  })
  .optional();

const periods = {
  day: amounts.describe('In one day of UTC.'),
  month: amounts.describe('In one month of UTC.'),
} as const;

const quotaOptions = {
  limits: { quota: { perSubject: periods, perTenant: periods }, fail: { quota: fail } },
} as const;

type Quoted = NonNullable<NonNullable<OptionsOf<typeof quotaOptions>['limits']>['quota']>;

const UNITS = ['messages', 'bytes', 'minutes'] as const;
type Unit = (typeof UNITS)[number];

/** Connections are charged for their time in steps of so many seconds. */
const STEP = 10;

/** One number of the configuration. */
interface Meter {
  readonly unit: Unit;
  /** Of minutes, in seconds. */
  readonly quota: Quota;
  readonly reason: string;
  readonly key: (principal: Principal) => string;
}

/**
 * What a subject and a tenant may use of this route in a day or a month, on all nodes together and over restarts. Who has
 * used it up is not let in, and is told when the next period begins.
 */
export const quota = guardKind({
  name: 'quota',
  options: quotaOptions,

  create({ limits }, { route, services }) {
    const meters = metersOf(limits?.quota ?? {}, route);
    if (meters.length === 0) return undefined;
    return new QuotaGuard(meters, services.quotas, services.clock, limits?.fail?.quota ?? services.fail);
  },
});

/** What one connection keeps: the allowances of its holder, and until when it has paid for its time. */
interface Kept {
  principal: Principal | undefined;
  readonly allowances: (Allowance | undefined)[];
  /** Monotonic milliseconds. */
  paidUntil: number;
}

const nothingKept = (): Kept => ({ principal: undefined, allowances: [], paidUntil: 0 });

class QuotaGuard implements Guard {
  readonly #meters: readonly Meter[];
  readonly #quotas: Quotas;
  readonly #clock: Clock;
  readonly #fail: Fail;
  readonly onTime?: (connection: Connection) => Verdict;

  constructor(meters: readonly Meter[], quotas: Quotas, clock: Clock, away: Fail) {
    this.#meters = meters;
    this.#quotas = quotas;
    this.#clock = clock;
    this.#fail = away;
    if (meters.some(({ unit }) => unit === 'minutes')) this.onTime = (connection) => this.#charge(connection);
  }

  async onUpgrade({ principal }: Candidate): Promise<Verdict> {
    for (const meter of this.#meters) {
      const allowance = this.#ask(meter, principal);
      await allowance.ready();
      if (!allowance.allows(1)) return usedUp(meter, allowance);
    }
    return PASS;
  }

  onPayload({ bytes }: Payload, connection: Connection): Verdict {
    const kept = this.#kept(connection);
    const meters = this.#meters;
    for (let i = 0; i < meters.length; i++) {
      const units = unitsOf(meters[i]!, bytes.length);
      if (units === 0) continue;
      const allowance = this.#allowance(i, kept, connection);
      if (!allowance.allows(units)) return usedUp(meters[i]!, allowance);
    }
    for (let i = 0; i < meters.length; i++) {
      const units = unitsOf(meters[i]!, bytes.length);
      if (units > 0) this.#allowance(i, kept, connection).spend(units);
    }
    return PASS;
  }

  #charge(connection: Connection): Verdict {
    const now = this.#clock.monotonic();
    const kept = this.#kept(connection);
    if (kept.paidUntil === 0) kept.paidUntil = now;
    const steps = Math.floor((now - kept.paidUntil) / (STEP * 1_000));
    if (steps === 0) return PASS;
    kept.paidUntil += steps * STEP * 1_000;
    let refused: Refused | undefined;
    for (const [i, meter] of this.#meters.entries()) {
      if (meter.unit !== 'minutes') continue;
      const allowance = this.#allowance(i, kept, connection);
      if (!allowance.allows(steps * STEP)) refused ??= usedUp(meter, allowance);
      allowance.spend(steps * STEP);
    }
    return refused ?? PASS;
  }

  /** What this connection keeps, without what belonged to a principal that was replaced. */
  #kept(connection: Connection): Kept {
    const kept = connection.slot('quota', nothingKept);
    if (kept.principal === connection.principal) return kept;
    kept.principal = connection.principal;
    kept.allowances.length = 0;
    return kept;
  }

  #allowance(index: number, kept: Kept, { principal }: Connection): Allowance {
    const known = kept.allowances[index];
    if (known && !known.retired) return known;
    const found = this.#ask(this.#meters[index]!, principal);
    kept.allowances[index] = found;
    return found;
  }

  #ask({ key, quota }: Meter, principal: Principal): Allowance {
    return this.#quotas.of(key(principal), quota, this.#fail);
  }
}

function unitsOf({ unit }: Meter, bytes: number): number {
  if (unit === 'messages') return 1;
  return unit === 'bytes' ? bytes : 0;
}

function usedUp({ reason }: Meter, { renews }: Allowance): Refused {
  return refuse('quota_exceeded', `over ${reason}`, undefined, renews);
}

function metersOf(quoted: Quoted, route: string): Meter[] {
  const holders = {
    perSubject: ({ tenant = '', subject }: Principal) => [tenant, subject],
    perTenant: ({ tenant = '' }: Principal) => [tenant],
  } as const;
  return (['perSubject', 'perTenant'] as const).flatMap((scope) =>
    (['day', 'month'] as const).flatMap((period) =>
      UNITS.flatMap((unit): Meter[] => {
        const most = quoted[scope]?.[period]?.[unit];
        if (most === undefined) return [];
        return [
          {
            unit,
            quota: { most: unit === 'minutes' ? most * 60 : most, period },
            reason: `limits.quota.${scope}.${period}.${unit}`,
            key: (principal) => keyOf([route, scope, period, unit, ...holders[scope](principal)]),
          },
        ];
      }),
    ),
  );
}
