import { describe, expect, it } from 'vitest';
import { evaluate } from './evaluate.ts';
import { samplesIn } from './exposition.ts';
import { metricsOf, parseExpression } from './expression.ts';
import { History } from './history.ts';

const ROUNDS = [
  'errors_total{code="a",node="1"} 10\nerrors_total{code="b",node="1"} 5\nhealth{check="keys"} 1\nup 1\n',
  'errors_total{code="a",node="1"} 40\nerrors_total{code="b",node="1"} 5\nhealth{check="keys"} 0\nup 1\n',
  'errors_total{code="a",node="1"} 6\nerrors_total{code="b",node="1"} 5\nhealth{check="keys"} 0\n',
];

/** Three scrapes, ten seconds apart, the last at 1,020 s. */
function history(wanted: readonly string[]): History {
  const all = new History();
  for (const [i, text] of ROUNDS.entries()) all.add(1_000_000 + i * 10_000, samplesIn(text, new Set(wanted)));
  return all;
}

function valuesOf(text: string): Record<string, number> {
  const expression = parseExpression(text);
  const found = evaluate(expression, history(metricsOf(expression)));
  return Object.fromEntries(found.map(({ labels, value }) => [Object.values(labels).join(' '), value]));
}

describe('an expression', () => {
  it.each([
    ['health == 0', { keys: 0 }],
    ['health == 1', {}],
    ['health{check="other"} == 0', {}],
    ['health{check=~"k.*|x"} == 0', { keys: 0 }],
    ['health{check!~"k.*"} == 0', {}],
    ['health{check=~"k"} == 0', {}],
    ['up == 1', {}], // gone with the last scrape
    // 30 up, then begun again and 6 since: 36 in 20 s, and as much for 5.56 s before, when it was 0
    ['increase(errors_total{code="a"}[1m]) > 0', { 'a 1': 46 }],
    ['rate(errors_total[1m]) > 0', { 'a 1': 0.767 }],
    ['increase(errors_total{code="a"}[10s]) > 0', { 'a 1': 6 }],
    ['increase(errors_total[5s]) >= 0', {}], // one point is no increase
    ['sum(errors_total) > 0', { '': 11 }],
    ['sum by (node) (errors_total) > 0', { '1': 11 }],
    ['max by (node, code) (errors_total) > 5', { '1 a': 6 }],
    ['min(errors_total) < 6', { '': 5 }],
    ['count(errors_total) == 2', { '': 2 }],
    ['errors_total + 2 * 3 > 11', { 'a 1': 12 }],
    ['(errors_total + 2) * 3 > 22', { 'a 1': 24 }],
    ['1030 - time() > errors_total', { 'a 1': 6, 'b 1': 5 }],
    ['1030 - time() >= errors_total * 2', { 'b 1': 10 }],
    ['errors_total > 5 and errors_total < 7', { 'a 1': 6 }],
    ['errors_total / errors_total == 1', { 'a 1': 1, 'b 1': 1 }],
  ])('%s', (text, expected) => {
    const rounded = Object.entries(valuesOf(text)).map(([key, value]) => [key, Number(value.toFixed(3))]);
    expect(Object.fromEntries(rounded)).toEqual(expected);
  });

  it.each([
    ['histogram_quantile(0.9, x)', 'there is no histogram_quantile() here'],
    ['x ==', 'it ends too soon'],
    ['x{a="b"', 'it ends too soon'],
    ['rate(x) > 1', 'expected [, found )'],
    ['rate(x[abc]) > 1', 'rate needs a window like [1m]'],
    ['x{a=b} > 1', 'b is no text in quotes'],
    ['x $ 1', 'not understood: $ 1'],
    ['x 1', 'not understood: 1'],
    ['1 + 1', 'it says a number'],
    ['1 > 2', 'a comparison of numbers is no alert'],
    ['sum(1)', 'sum needs series'],
    ['x and 1', 'and needs series'],
  ])('%s is refused', (text, why) => {
    expect(() => evaluate(parseExpression(text), new History())).toThrow(why);
  });
});

it('reads labels with escapes, and values that are not finite', () => {
  const text = '# HELP x y\nx{a="q\\"\\n,}",b=""} +Inf\ny 1e3\nz{a="1"} NaN\nnot a line\n';
  expect(samplesIn(text, new Set(['x', 'y', 'z']))).toEqual([
    { name: 'x', labels: { a: 'q"\n,}', b: '' }, value: Number.POSITIVE_INFINITY },
    { name: 'y', labels: {}, value: 1_000 },
    { name: 'z', labels: { a: '1' }, value: Number.NaN },
  ]);
});
