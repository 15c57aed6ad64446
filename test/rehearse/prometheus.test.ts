import { beforeAll, describe, expect, it, vi } from 'vitest';
import { Alarms } from '../../src/rehearse/alarms/alarms.ts';
import { evaluate } from '../../src/rehearse/alarms/evaluate.ts';
import { type Sample, samplesIn } from '../../src/rehearse/alarms/exposition.ts';
import { metricsOf, parseExpression } from '../../src/rehearse/alarms/expression.ts';
import { History, keyOf } from '../../src/rehearse/alarms/history.ts';
import { Chronicle } from '../../src/rehearse/chronicle.ts';
import { type PromtoolTest, promtoolTests, scrapeOf, seriesOf } from './promtool.ts';
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

describe.each(promtoolTests('test/rehearse/prometheus/alerts.yaml'))('the alerting rules', (test) => {
  let seen: Alarms['seen'];

  beforeAll(async () => {
    seen = await watched(test);
  });

  it.each(test.alert_rule_test)('$alertname at $eval_time s', ({ alertname, eval_time, exp_alerts }) => {
    const isFiring = ({ fired, until }: Alarms['seen'][number]): boolean =>
      fired !== undefined && fired <= eval_time && (until === undefined || until > eval_time);
    const firing = seen.filter((alarm) => alarm.name === alertname && isFiring(alarm));
    const found = firing.map(({ severity, labels }) => [severity, ...labels.split(' ').sort()]);
    const expected = exp_alerts.map(({ exp_labels: { severity, job: _, ...labels } }) => [
      severity,
      ...Object.entries(labels)
        .map((pair) => pair.join('='))
        .sort(),
    ]);
    expect(found).toEqual(expected);
    const { summary } = RULES.find(({ name }) => name === alertname)!;
    for (const { exp_annotations } of exp_alerts) expect(exp_annotations).toEqual({ summary });
  });
});

/** The alarms that there are while these series are scraped, to the last moment that is asked for. */
async function watched(test: PromtoolTest): Promise<Alarms['seen']> {
  vi.useFakeTimers({ toFake: ['performance', 'Date'], now: 0 });
  const chronicle = new Chronicle();
  chronicle.begin();
  const instances = [...new Set(test.input_series.map(({ series }) => seriesOf(series).labels.instance!))];
  let n = 0;
  // What a node would answer to a scrape: `up` is for who scrapes to say.
  const scrape = async (instance: string): Promise<string | undefined> => {
    const own = scrapeOf(test, n).filter(({ labels }) => labels.instance === instance);
    const isUp = !own.some(({ name, value }) => name === 'up' && value === 0);
    return isUp ? own.map(lineOf).join('\n') : undefined;
  };
  const alarms = new Alarms(RULES, { instances, scrape }, chronicle);
  const last = Math.max(...test.alert_rule_test.map(({ eval_time }) => eval_time));
  for (; n * test.interval <= last; n++) {
    await alarms.round();
    vi.advanceTimersByTime(test.interval * 1_000);
  }
  vi.useRealTimers();
  return alarms.seen;
}

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
