import { scenarioOf } from '../load/scenario.ts';
import { perSecond, type Rate } from '../pipeline/units.ts';
import type { PlannedFault, Rehearsal } from './rehearsal.ts';

/** At most, a second, of a load: connections that it holds, how many it opens, and messages that it sends. */
const LOAD = { connections: 20, opened: 10, messages: 20 } as const;

/** At most of a flood: a second, or at a time. */
const FLOODS: Partial<
  Record<PlannedFault['fault'], { readonly rate: number; readonly connections?: number }>
> = {
  'connection-flood': { rate: 10 },
  'message-flood': { rate: 50, connections: 2 },
  'malformed-flood': { rate: 5 },
};

/** A rehearsal as it is played on an endpoint that was named, unless all was asked for. */
export interface Gentled {
  readonly rehearsal: Rehearsal;
  /** What is less than it was written, a line each. */
  readonly lowered: readonly string[];
}

/** Takes down what would be a burden to an endpoint that is in service. */
export function gentled(rehearsal: Rehearsal): Gentled {
  const load = gentleLoad(rehearsal);
  const faults = rehearsal.faults.map(gentleFault);
  const { connections } = load.value;
  return {
    rehearsal: {
      ...rehearsal,
      load: { ...rehearsal.load, ...load.value },
      connections: connections ?? rehearsal.connections,
      faults: faults.map(({ value }) => value),
    },
    lowered: [load, ...faults].flatMap(({ lowered }) => lowered),
  };
}

interface Lowered<T> {
  readonly value: T;
  readonly lowered: readonly string[];
}

interface LoadPart {
  readonly connections?: number;
  readonly ramp?: string;
  readonly pace?: object;
  readonly churn?: string;
}

function gentleLoad({ load }: Rehearsal): Lowered<LoadPart> {
  const { connections, ramp, pace, churn, messages } = scenarioOf({ ...load, target: 'wss://localhost/' });
  const few = Math.min(connections, LOAD.connections);
  const slow = Math.max(ramp, (few / LOAD.opened) * 1_000);
  const quick =
    'rate' in pace ? perSecond(pace.rate) > LOAD.messages : pace.think < (few / LOAD.messages) * 1_000;
  const think = `${Math.ceil((few / LOAD.messages) * 1_000)}ms`;
  const less = 'rate' in pace ? { rate: `${LOAD.messages}/s` } : { outstanding: 1, think };
  const renewed = churn !== undefined && perSecond(churn) > LOAD.opened;
  return {
    value: {
      ...(few < connections && { connections: few }),
      ...(slow > ramp && { ramp: `${Math.round(slow)}ms` }),
      ...(quick && { pace: less }),
      ...(renewed && { churn: `${LOAD.opened}/s` }),
    },
    lowered: [
      few < connections && `load: ${few} connections, not ${connections}`,
      slow > ramp && `load: opened within ${slow / 1_000} s, not ${ramp / 1_000} s`,
      quick && messages.length > 0 && `load: ${LOAD.messages} messages a second at most`,
      renewed && `load: ${LOAD.opened} connections renewed a second, not ${perSecond(churn)}`,
    ].filter((line) => typeof line === 'string'),
  };
}

function gentleFault(fault: PlannedFault): Lowered<PlannedFault> {
  const most = FLOODS[fault.fault];
  if (!most) return { value: fault, lowered: [] };
  const { rate, connections } = fault as PlannedFault & {
    readonly rate: Rate;
    readonly connections?: number;
  };
  const quick = perSecond(rate) > most.rate;
  const many = connections !== undefined && connections > (most.connections ?? connections);
  return {
    value: {
      ...fault,
      ...(quick && { rate: { count: most.rate, period: 1_000 } }),
      ...(many && { connections: most.connections }),
    },
    lowered: [
      quick && `${fault.fault}: ${most.rate} a second, not ${perSecond(rate)}`,
      many && `${fault.fault}: ${most.connections} connections, not ${connections}`,
    ].filter((line) => typeof line === 'string'),
  };
}
