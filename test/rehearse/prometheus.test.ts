import { afterEach, describe, expect, it, vi } from 'vitest';
import { Alarms } from '../../src/rehearse/alarms/alarms.ts';
import { evaluate } from '../../src/rehearse/alarms/evaluate.ts';
import { type Sample, samplesIn } from '../../src/rehearse/alarms/exposition.ts';
import { metricsOf, parseExpression } from '../../src/rehearse/alarms/expression.ts';
import { History, keyOf } from '../../src/rehearse/alarms/history.ts';
import { Chronicle } from '../../src/rehearse/chronicle.ts';
import { promtoolTests, scrapeOf, seriesOf } from './promtool.ts';
import { RULES } from './shipped.ts';

// Our evaluator says what the real Prometheus says: both are held to the same files, it by `promtool test rules FILE`.

describe.each(promtoolTests('test/rehearse/prometheus/expressions.yaml'))('expressions', (test) => {
  it.each(test.promql_expr_test)('$expr at $eval_time s', ({ expr, eval_time, exp_samples }) => {
    const expression = parseExpression(expr);
    const history = new History();
    const wanted = new Set(metricsOf(expression));
    for (let n = 0; n * test.interval <= eval_time; n++)
      history.add(
        n * test.interval * 1_000,
        scrapeOf(test, n).filter(({ name }) => wanted.has(name)),
      );
    const found = evaluate(expression, history).map(({ labels, value }) => [keyOf(labels), value]);
    const expected = exp_samples.map(({ labels, value }) => [
      keyOf(seriesOf(labels).labels),
      expect.closeTo(value, 9),
    ]);
    expect(found.sort()).toEqual(expected.sort());
  });
});

afterEach(() => void vi.useRealTimers());

describe.each(promtoolTests('test/rehearse/prometheus/alerts.yaml'))('the alerting rules', (test) => {
  /** What a node would answer to a scrape: `up` is for who scrapes to say. */
  const textOf = (n: number, instance: string): string | undefined => {
    const own = scrapeOf(test, n).filter(({ labels }) => labels.instance === instance);
    return own.some(({ name, value }) => name === 'up' && value === 0)
      ? undefined
      : own.map(lineOf).join('\n');
  };

  it.each(test.alert_rule_test)(
    '$alertname at $eval_time s',
    async ({ alertname, eval_time, exp_alerts }) => {
      vi.useFakeTimers({ toFake: ['performance', 'Date'], now: 0 });
      const chronicle = new Chronicle();
      chronicle.begin();
      const names = test.input_series.map(({ series }) => seriesOf(series).labels.instance!);
      let n = 0;
      const scrape = async (instance: string): Promise<string | undefined> => textOf(n, instance);
      const alarms = new Alarms(RULES, { instances: [...new Set(names)], scrape }, chronicle);
      for (; n * test.interval <= eval_time; n++) {
        await alarms.round();
        vi.advanceTimersByTime(test.interval * 1_000);
      }
      const firing = alarms.seen.filter(
        ({ name, fired, until }) => name === alertname && fired !== undefined && until === undefined,
      );
      const rule = RULES.find(({ name }) => name === alertname)!;
      const expected = exp_alerts.map(({ exp_labels: { severity, job: _, ...labels } }) => ({
        severity,
        labels: Object.entries(labels)
          .sort()
          .map((pair) => pair.join('='))
          .join(' '),
      }));
      const seen = firing.map(({ severity, labels }) => ({
        severity,
        labels: labels.split(' ').sort().join(' '),
      }));
      expect(seen).toEqual(expected);
      for (const { exp_annotations } of exp_alerts)
        expect(exp_annotations).toEqual({ summary: rule.summary });
    },
  );
});

it('every rule is seen to fire, and to stay silent', () => {
  const all = promtoolTests('test/rehearse/prometheus/alerts.yaml').flatMap((test) => test.alert_rule_test);
  const those = (fires: boolean) =>
    new Set(
      all.filter(({ exp_alerts }) => exp_alerts.length > 0 === fires).map(({ alertname }) => alertname),
    );
  const names = RULES.map(({ name }) => name).sort();
  expect([...those(true)].sort()).toEqual(names);
  expect([...those(false)].sort()).toEqual(names);
});

function lineOf({ name, labels, value }: Sample): string {
  const inner = Object.entries(labels).filter(([label]) => label !== 'job' && label !== 'instance');
  const text = inner.length === 0 ? '' : `{${inner.map(([label, each]) => `${label}="${each}"`).join(',')}}`;
  const line = `${name}${text} ${value}`;
  expect(samplesIn(line, new Set([name]))).toHaveLength(1);
  return line;
}
