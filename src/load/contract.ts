import { z } from 'zod';
import type { Summary } from './summary.ts';

/** What a line of a contract may speak of: how it is read off what was seen, and in which unit. */
export interface Measure<Seen> {
  readonly unit: '%' | 'ms' | '' | '/s';
  readonly meaning: string;
  read(seen: Seen): number;
}

/** By name. */
export type Measures<Seen> = Readonly<Record<string, Measure<Seen>>>;

const share = (part: number, whole: number): number => (whole === 0 ? 100 : (part / whole) * 100);

/** Every measure, by name: contracts, reports and documents derive from this table. */
export const MEASURES: Measures<Summary> = {
  'connections.success': {
    unit: '%',
    meaning: 'Upgrades that were accepted.',
    read: ({ connections: { opened, tried } }) => share(opened, tried),
  },
  'connections.p50': {
    unit: 'ms',
    meaning: 'From TCP to the 101, half of them.',
    read: (s) => s.opening.p50,
  },
  'connections.p99': { unit: 'ms', meaning: 'The same, 99 of 100.', read: (s) => s.opening.p99 },
  'connections.lost': {
    unit: '',
    meaning: 'Connections that the other side ended.',
    read: ({ connections }) => connections.lost,
  },
  'messages.success': {
    unit: '%',
    meaning: 'Messages that were answered in time.',
    read: ({ messages: { answered, sent } }) => share(answered, sent),
  },
  'messages.rate': { unit: '/s', meaning: 'Answers a second.', read: ({ messages }) => messages.rate },
  'latency.p50': {
    unit: 'ms',
    meaning: 'From when a message was due to its answer.',
    read: (s) => s.latency.p50,
  },
  'latency.p90': { unit: 'ms', meaning: 'The same, 90 of 100.', read: (s) => s.latency.p90 },
  'latency.p99': { unit: 'ms', meaning: 'The same, 99 of 100.', read: (s) => s.latency.p99 },
  'latency.p999': { unit: 'ms', meaning: 'The same, 999 of 1,000.', read: (s) => s.latency.p999 },
  'latency.max': { unit: 'ms', meaning: 'The slowest.', read: (s) => s.latency.max },
  'storm.recovery': {
    unit: 'ms',
    meaning: 'From the cut until the last one was back; for ever if one was not.',
    read: ({ storm }) => storm?.recovery ?? Number.POSITIVE_INFINITY,
  },
  'outcomes.success': {
    unit: '%',
    meaning: 'Outcomes that came true.',
    read: ({ outcomes }) => share(outcomes.filter(({ held }) => held).length, outcomes.length),
  },
};

const LINE = /^([a-z]+\.[a-z0-9]+) *(<=|>=|<|>|==) *(\d+(?:\.\d+)?) *(%|ms|s|\/s)?$/;

/** A promise about one measure. */
export interface Promised {
  readonly text: string;
  readonly measure: string;
  readonly operator: '<=' | '>=' | '<' | '>' | '==';
  /** In the measure's unit. */
  readonly value: number;
}

/** Reads lines like `latency.p99 <= 50ms` about these measures. */
export function lineAbout(measures: Measures<never>) {
  return z.string().transform((text, context): Promised => {
    const [, measure = '', operator = '', number = '', unit = ''] = LINE.exec(text.trim()) ?? [];
    const known = measures[measure];
    const seconds = known?.unit === 'ms' && unit === 's';
    if (!known || !(unit === known.unit || seconds || (unit === '' && known.unit !== 'ms'))) {
      const example = 'a line like "latency.p99 <= 50ms"';
      context.addIssue({
        code: 'custom',
        message: `${example}; measures: ${Object.keys(measures).join(', ')}`,
      });
      return z.NEVER;
    }
    const value = Number(number) * (seconds ? 1_000 : 1);
    return { text: text.trim(), measure, operator: operator as Promised['operator'], value };
  });
}

export const contractLine = lineAbout(MEASURES);

/** One line of a contract, and what was seen. */
export interface Kept {
  readonly text: string;
  readonly seen: number;
  readonly unit: string;
  readonly kept: boolean;
}

export function judge<Seen>(contract: readonly Promised[], measures: Measures<Seen>, all: Seen): Kept[] {
  return contract.map(({ text, measure, operator, value }) => {
    const { unit, read } = measures[measure]!;
    const seen = read(all);
    return { text, seen, unit, kept: COMPARE[operator](seen, value) };
  });
}

const COMPARE: Readonly<Record<Promised['operator'], (a: number, b: number) => boolean>> = {
  '<=': (a, b) => a <= b,
  '>=': (a, b) => a >= b,
  '<': (a, b) => a < b,
  '>': (a, b) => a > b,
  '==': (a, b) => a === b,
};
