import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import { type Sample, samplesIn } from '../../src/rehearse/alarms/exposition.ts';

// Files of `promtool test rules`, in the part of its language that ours use:
// https://prometheus.io/docs/prometheus/latest/configuration/unit_testing_rules/

const seconds = z.string().transform((text) => {
  const [, minutes = '0', rest = '0'] = /^(?:(\d+)m)?(?:(\d+)s)?$/.exec(text)!;
  return Number(minutes) * 60 + Number(rest);
});

const labels = z.record(z.string(), z.string());

const FILE = z.object({
  evaluation_interval: seconds,
  tests: z.array(
    z.object({
      interval: seconds,
      input_series: z.array(z.object({ series: z.string(), values: z.string().transform(valuesOf) })),
      promql_expr_test: z
        .array(
          z.object({
            expr: z.string(),
            eval_time: seconds,
            exp_samples: z.array(z.object({ labels: z.string(), value: z.number() })),
          }),
        )
        .prefault([]),
      alert_rule_test: z
        .array(
          z.object({
            alertname: z.string(),
            eval_time: seconds,
            exp_alerts: z.array(z.object({ exp_labels: labels, exp_annotations: labels })),
          }),
        )
        .prefault([]),
    }),
  ),
});

export type PromtoolTest = z.output<typeof FILE>['tests'][number];

export function promtoolTests(file: string): PromtoolTest[] {
  return FILE.parse(parse(readFileSync(file, 'utf8'))).tests;
}

/** `1 _ 0+10x3`: a value, none, and a first one and three more, each 10 more; `stale` ends a series. */
function valuesOf(text: string): (number | undefined)[] {
  return text.split(' ').flatMap((word) => {
    if (word === '_' || word === 'stale') return [undefined];
    const [, first, step = '+0', times = '0'] = /^(-?[\d.]+)(?:([+-][\d.]+)x(\d+))?$/.exec(word)!;
    return Array.from({ length: Number(times) + 1 }, (_, i) => Number(first) + i * Number(step));
  });
}

/** What a scrape would find of these series at the n-th interval. */
export function scrapeOf({ input_series: all }: PromtoolTest, n: number): Sample[] {
  return all.flatMap(({ series, values }) => {
    const value = values[n];
    return value === undefined ? [] : [{ ...seriesOf(series), value }];
  });
}

/** `name{label="value"}`, or only one of both. */
export function seriesOf(text: string): Pick<Sample, 'name' | 'labels'> {
  const [, name = ''] = /^([^{]*)/.exec(text)!;
  const [sample] = samplesIn(`${name === '' ? `x${text}` : text} 0`, new Set([name || 'x']));
  return { name, labels: sample!.labels };
}
