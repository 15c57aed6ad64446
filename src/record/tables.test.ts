import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseExposition } from '../../test/support/exposition.ts';
import { Journal } from '../../test/support/journal.ts';
import { EVENTS, type EventName, type EventRow } from './events.ts';
import { METRICS, type MetricName, type MetricRow } from './metrics.ts';

const events = Object.entries(EVENTS) as [EventName, EventRow][];
const metrics = Object.entries(METRICS) as [MetricName, MetricRow][];

describe('the table of events', () => {
  it.each(events)('%s is named and described', (name, { fields, meaning }) => {
    expect(name).toMatch(/^[a-z]+\.[a-z_]+$/);
    expect(meaning).toMatch(/^[A-Z].*\.$/s);
    expect(new Set(fields).size).toBe(fields.length);
    for (const reserved of ['level', 'time', 'seq', 'event']) expect(fields).not.toContain(reserved);
  });

  it.each(events)(
    '%s gives its counters every label they have, and none more',
    (_name, { counts, fields }) => {
      for (const [counter, given] of Object.entries(counts ?? {})) {
        const { labels, type }: MetricRow = METRICS[counter as MetricName];
        expect(type).toBe('counter');
        for (const [label, source] of Object.entries(given)) {
          expect(Object.keys(labels)).toContain(label);
          if (typeof source === 'string') expect(labels[label]).toContain(source);
          else expect(fields).toContain(source.field);
        }
        for (const label of Object.keys(labels)) {
          if (!Object.hasOwn(given, label)) expect(fields).toContain(label);
        }
      }
    },
  );

  it.each(events)('%s gives its histograms what they need', (_name, { times = [], fields }) => {
    for (const histogram of times) {
      expect(fields).toContain('seconds');
      for (const label of Object.keys(METRICS[histogram].labels)) expect(fields).toContain(label);
    }
  });
});

describe('the source', () => {
  const text = readdirSync('src', { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !file.endsWith('events.ts'))
    .map((file) => readFileSync(join('src', file), 'utf8'))
    .join('\n');

  it.each(Object.keys(EVENTS))('says %s somewhere', (name) => {
    expect(text).toContain(`'${name}'`);
  });
});

describe('the table of metrics', () => {
  it.each(metrics)(
    '%s follows the conventions of Prometheus',
    (name, { type, unit, meaning, buckets, labels }) => {
      expect(name).toMatch(/^sallyport_[a-z_]+$/);
      expect(name.endsWith('_total')).toBe(type === 'counter');
      if (unit === 'seconds' || unit === 'bytes')
        expect(name.replace(/_total$/, '')).toMatch(new RegExp(`_${unit}$`));
      expect(meaning).toMatch(/^[A-Z0-9].*\.$/s);
      expect(buckets !== undefined).toBe(type === 'histogram');
      expect([...(buckets ?? [])]).toEqual([...(buckets ?? [])].sort((a, b) => a - b));
      for (const label of Object.keys(labels)) {
        expect(label).toMatch(/^[a-z]+$/);
        expect(['subject', 'tenant', 'address', 'session', 'path', 'origin', 'host', 'le']).not.toContain(
          label,
        );
      }
    },
  );

  it('is what is exposed, no more and no less', async () => {
    const families = parseExposition(await new Journal().record.meter.exposition());
    expect([...families.keys()].sort()).toEqual(Object.keys(METRICS).sort());
    for (const [name, { type, meaning }] of metrics)
      expect(families.get(name)).toMatchObject({ type, help: meaning });
  });

  it('has only counters that something moves', () => {
    const counted = new Set(events.flatMap(([, { counts }]) => Object.keys(counts ?? {})));
    const read = ['messages', 'message_bytes', 'refusals', 'log_lines_suppressed', 'log_lines_lost'];
    for (const name of read) counted.add(`sallyport_${name}_total`);
    expect([...counted].sort()).toEqual(
      metrics
        .filter(([, { type }]) => type === 'counter')
        .map(([name]) => name)
        .sort(),
    );
  });
});
