import { z } from 'zod';
import { judge, lineAbout, MEASURES, type Measures, type Promised } from '../load/contract.ts';
import { seenText } from '../load/report/text.ts';
import { duration } from '../pipeline/units.ts';
import { EVENTS } from '../record/events.ts';
import { HEALTH_CHECKS } from '../record/health.ts';
import type { Evidence } from './evidence.ts';
import { impairmentOf, recoveryOf } from './recovery.ts';

/** Measures of a load that a rehearsal takes over as they are. */
const OF_THE_LOAD = Object.entries(MEASURES).filter(([name]) => !/^(storm|outcomes)\./.test(name));

/** Every measure, by name: those of a load, and what is only seen here. */
export const REHEARSAL_MEASURES: Measures<Evidence> = {
  ...Object.fromEntries(
    OF_THE_LOAD.map(([name, { read, ...rest }]) => [
      name,
      { ...rest, read: ({ summary }: Evidence) => read(summary) },
    ]),
  ),
  'recovery.time': {
    unit: 'ms',
    meaning:
      'From the end of the last fault until nothing was wrong any more; for ever if something was to the end.',
    read: recoveryOf,
  },
  'impaired.time': {
    unit: 'ms',
    meaning:
      'From the beginning of the first fault to the last thing that was wrong; for ever if it was to the end.',
    read: (evidence) => {
      const harm = impairmentOf(evidence);
      return harm ? ((harm.until ?? Number.POSITIVE_INFINITY) - evidence.began) * 1_000 : 0;
    },
  },
  'newcomers.success': {
    unit: '%',
    meaning: 'Newcomers with a good token that were let in; one comes every half second.',
    read: ({ trials }) => {
      const newcomers = trials.filter(({ who }) => who === 'newcomer');
      const admitted = newcomers.filter((each) => each.admitted).length;
      return newcomers.length === 0 ? 0 : (admitted / newcomers.length) * 100;
    },
  },
  'newcomers.gap': {
    unit: 'ms',
    meaning: 'The longest time in which no newcomer was let in.',
    read: ({ trials, ended }) =>
      longestGap(
        trials.filter(({ who, admitted }) => who === 'newcomer' && admitted).map(({ at }) => at),
        ended,
      ),
  },
  'strangers.admitted': {
    unit: '',
    meaning: 'Of those who came without a token, or with one that is garbage, expired or forged.',
    read: ({ trials }) => trials.filter(({ who, admitted }) => who !== 'newcomer' && admitted).length,
  },
  'strangers.tried': {
    unit: '',
    meaning: 'How many of them came.',
    read: ({ trials }) => trials.filter(({ who }) => who !== 'newcomer').length,
  },
  'answers.gap': {
    unit: 'ms',
    meaning: 'The longest time in which no message was answered, to a half second.',
    read: ({ samples, ended }) =>
      longestGap(
        samples.filter(({ answered }) => answered > 0).map(({ at }) => at),
        ended,
      ),
  },
};

function longestGap(moments: readonly number[], end: number): number {
  const marks = [0, ...moments, end];
  return Math.max(...marks.slice(1).map((at, i) => at - marks[i]!)) * 1_000;
}

const sighting = {
  within: duration.optional().describe('After the first fault began.'),
  never: z.literal(true).optional().describe('It must not be seen, from the first fault on.'),
};

const eventName = z.enum(Object.keys(EVENTS) as [string, ...string[]]);
const checkName = z.enum(Object.keys(HEALTH_CHECKS) as [string, ...string[]]);

/** What must be seen, or must not. */
const sight = z.union([
  z.strictObject({
    event: eventName,
    where: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
    ...sighting,
  }),
  z.strictObject({ check: checkName.describe('A check of the health report that fails.'), ...sighting }),
  z.strictObject({ unready: z.literal('any').describe('A node that is not ready.'), ...sighting }),
  z.strictObject({ alarm: z.string(), ...sighting }),
]);

type Sight = z.output<typeof sight>;

/** One line of `must`. */
export const promise = z.union([
  lineAbout(REHEARSAL_MEASURES).transform((line) => ({ line })),
  sight.transform((each) => ({ sight: each })),
]);

export type RehearsalPromise = { readonly line: Promised } | { readonly sight: Sight };

/** The alarms that promises name. */
export function alarmsIn(promises: readonly RehearsalPromise[]): string[] {
  return promises.flatMap((each) => ('sight' in each && 'alarm' in each.sight ? [each.sight.alarm] : []));
}

/** A line of `must`, and what was seen. */
export interface Judged {
  readonly text: string;
  readonly seen: string;
  /** Undefined: it is about times, they are too long, and the generator could not keep up itself. */
  readonly kept: boolean | undefined;
}

export function judgeAll(promises: readonly RehearsalPromise[], evidence: Evidence): Judged[] {
  return promises.map((each) =>
    'line' in each ? judgeLine(each.line, evidence) : judgeSight(each.sight, evidence),
  );
}

function judgeLine(line: Promised, evidence: Evidence): Judged {
  const [{ text, kept, ...seen }] = judge([line], REHEARSAL_MEASURES, evidence) as [
    ReturnType<typeof judge>[0],
  ];
  const timed = /^(latency|connections\.p)/.test(line.measure);
  // A generator that is late makes times longer, never shorter: what is quick enough all the same is.
  const proved = kept && line.operator.startsWith('<');
  if (timed && !proved && evidence.summary.bottleneck !== undefined)
    return { text, seen: 'not judged', kept: undefined };
  const never = seen.seen === Number.POSITIVE_INFINITY;
  return { text, seen: never ? 'never' : timeText(seen), kept };
}

function timeText({ seen, unit }: { readonly seen: number; readonly unit: string }): string {
  if (unit === 'ms' && seen === 0) return '0 ms';
  return unit === 'ms' && seen >= 1_000 ? `${(seen / 1_000).toFixed(1)} s` : seenText({ seen, unit });
}

function judgeSight(each: Sight, evidence: Evidence): Judged {
  const { within, never } = each;
  const first = momentsOf(each, evidence).find((at) => at >= evidence.began);
  const after = first === undefined ? undefined : first - evidence.began;
  const intime = after !== undefined && after * 1_000 <= (within ?? Number.POSITIVE_INFINITY);
  const limit = within === undefined ? '' : ` within ${within / 1_000} s`;
  return {
    text: `${nameOf(each)} is ${never ? 'never ' : ''}seen${limit}`,
    seen: after === undefined ? 'not seen' : `seen ${after.toFixed(1)} s after the fault`,
    kept: never ? after === undefined : intime,
  };
}

function nameOf(each: Sight): string {
  if ('event' in each) return `event ${each.event}${each.where ? ` ${JSON.stringify(each.where)}` : ''}`;
  if ('check' in each) return `failing check ${each.check}`;
  return 'alarm' in each ? `alarm ${each.alarm}` : 'a node that is not ready';
}

/** When it was seen, in order. */
function momentsOf(each: Sight, { events, health, alarms }: Evidence): number[] {
  if ('event' in each) {
    const where = Object.entries(each.where ?? {});
    return events
      .filter(
        ({ event, fields }) => event === each.event && where.every(([key, value]) => fields[key] === value),
      )
      .map(({ at }) => at);
  }
  if ('check' in each)
    return health.filter(({ failing }) => failing.includes(each.check)).map(({ at }) => at);
  if ('alarm' in each) return alarms.filter(({ name }) => name === each.alarm).map(({ since }) => since);
  return health.filter(({ ready }) => !ready).map(({ at }) => at);
}
