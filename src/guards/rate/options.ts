import { z } from 'zod';
import { type DialectTraits, OptionsError } from '../../pipeline/context.ts';
import type { OptionsOf } from '../../pipeline/guard.ts';
import { byteRate, rate } from '../../pipeline/units.ts';
import { type Limit, limitOf } from '../../store/buckets.ts';
import { fail } from '../fail.ts';
import { type Meter, SCOPES } from './meters.ts';

const refusals = rate
  .prefault('10/s')
  .describe('Messages refused for their rate that a connection may collect before it is closed.');

const burst = z.int().min(1).max(1_000_000_000).optional();
const scope = {
  messages: rate.optional().describe('Messages, weighted by limits.cost.'),
  burst: burst.describe('Messages at once; the count of the rate where left out.'),
  bytes: byteRate
    .optional()
    .describe('Payload bytes. The message that uses up the last of them may exceed it.'),
  burstBytes: burst.describe('Bytes at once; the count of the rate where left out.'),
} as const;

/** The keys of a route that say how fast it may go. */
export const rateOptions = {
  limits: {
    perConnection: scope,
    perSubject: scope,
    perTenant: scope,
    perAddress: scope,
    perType: z
      .record(
        z.string(),
        z.union([
          rate,
          z.strictObject({
            messages: rate.describe('Messages of this type.'),
            burst: burst.describe('Messages of it at once; the count of the rate where left out.'),
          }),
        ]),
      )
      .optional()
      .describe('Messages of one type, on each connection.'),
    cost: z
      .record(z.string(), z.int().min(1).max(1_000_000))
      .optional()
      .describe('How many messages one of this type counts for; 1 where left out.'),
    refusals,
    fail: { rate: fail },
  },
} as const;

type Limits = NonNullable<OptionsOf<typeof rateOptions>['limits']>;

/** The limits of a route, compiled. */
export interface RatePlan {
  readonly messages: readonly Meter[];
  readonly bytes: readonly Meter[];
  readonly types: ReadonlyMap<string, Limit>;
  readonly costs: ReadonlyMap<string, number>;
  readonly refusals: Limit;
}

/** Undefined where the route sets no rate. Throws `OptionsError` for what could never take effect, or never let pass. */
export function ratePlan(limits: Limits = {}, dialect: DialectTraits): RatePlan | undefined {
  const messages = messageMeters(limits);
  const bytes = byteMeters(limits);
  const types = typesOf(limits.perType ?? {});
  const costs = new Map(Object.entries(limits.cost ?? {}));
  if (types.size > 0 && dialect.name === 'raw') wrong(['perType'], 'the raw dialect reads no types');
  checkCosts(costs, messages);
  if (messages.length + bytes.length + types.size === 0) return undefined;
  return { messages, bytes, types, costs, refusals: limitOf(limits.refusals ?? refusals.parse(undefined)) };
}

function messageMeters(limits: Limits): Meter[] {
  return SCOPES.flatMap(([name, key], i): Meter[] => {
    const { messages, burst } = limits[name] ?? {};
    if (!messages && burst !== undefined) wrong([name, 'burst'], 'is a part of messages, which is not set');
    if (!messages) return [];
    return [{ slot: i * 2, key, limit: limitOf(messages, burst), reason: `limits.${name}.messages` }];
  });
}

function byteMeters(limits: Limits): Meter[] {
  return SCOPES.flatMap(([name, key], i): Meter[] => {
    const { bytes, burstBytes } = limits[name] ?? {};
    if (!bytes && burstBytes !== undefined)
      wrong([name, 'burstBytes'], 'is a part of bytes, which is not set');
    if (!bytes) return [];
    return [{ slot: i * 2 + 1, key, limit: limitOf(bytes, burstBytes), reason: `limits.${name}.bytes` }];
  });
}

function typesOf(perType: NonNullable<Limits['perType']>): Map<string, Limit> {
  const limits = Object.entries(perType).map(([type, written]): [string, Limit] => [
    type,
    'messages' in written ? limitOf(written.messages, written.burst) : limitOf(written),
  ]);
  return new Map(limits);
}

function checkCosts(costs: ReadonlyMap<string, number>, messages: readonly Meter[]): void {
  if (costs.size > 0 && messages.length === 0)
    wrong(['cost'], 'weighs messages, and no limit counts messages');
  for (const { limit, reason } of messages) {
    for (const [type, cost] of costs) {
      if (cost * limit.interval <= limit.tolerance) continue;
      wrong(['cost', type], `is more than the burst of ${reason}, so it could never pass`);
    }
  }
}

function wrong(path: readonly (string | number)[], message: string): never {
  throw new OptionsError([{ path: ['limits', ...path], message }]);
}
