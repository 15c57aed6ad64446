import type { Labels } from './exposition.ts';
import { type Expression, ExpressionError, type Operator } from './expression.ts';
import { type History, keyOf, type Series } from './history.ts';

/** A value of a vector. */
export interface Element {
  readonly labels: Labels;
  readonly value: number;
}

type Value = number | readonly Element[];

/** The series for which an expression is true now: an empty list means that it is false. @throws ExpressionError */
export function evaluate(expression: Expression, history: History): readonly Element[] {
  const value = resultOf(expression, history);
  if (typeof value === 'number')
    throw new ExpressionError('it says a number, not which series it is true for');
  return value;
}

function resultOf(expression: Expression, history: History): Value {
  switch (expression.kind) {
    case 'number':
      return expression.value;
    case 'time':
      return history.now / 1_000;
    case 'selector':
      return history
        .current(expression)
        .map(({ labels, points }) => ({ labels, value: points.at(-1)!.value }));
    case 'range':
      return rangeOf(expression, history);
    case 'aggregate':
      return aggregateOf(expression, history);
    default:
      return binaryOf(
        expression.operator,
        resultOf(expression.left, history),
        resultOf(expression.right, history),
      );
  }
}

/** How far from the window's edge a sample may be, in times of what is usual between samples, to count as being at it. */
const NEAR = 1.1;

/** What a counter went up by within the window, as Prometheus counts it; `rate` is that divided by the window. */
function rangeOf(
  { of, selector, window }: Extract<Expression, { readonly kind: 'range' }>,
  history: History,
): Element[] {
  const from = history.now - window;
  return history.all(selector).flatMap(({ labels, points }) => {
    const within = points.filter(({ at }) => at >= from);
    if (within.length < 2) return [];
    const grown = growthOf(within) * extrapolation(within, from, history.now);
    return [{ labels, value: of === 'rate' ? grown / (window / 1_000) : grown }];
  });
}

/**
 * What was seen between the first and the last sample is taken to have gone on to the edges of the window: all the way if a
 * sample is near, else for half of what is usual between samples, and back to no time before the counter was 0.
 */
function extrapolation(points: Series['points'], from: number, to: number): number {
  const [first, last] = [points[0]!, points.at(-1)!];
  const seen = last.at - first.at;
  const usual = seen / (points.length - 1);
  const reach = (distance: number): number => (distance < usual * NEAR ? distance : usual / 2);
  const grown = growthOf(points);
  const zero = grown > 0 && first.value >= 0 ? (seen * first.value) / grown : Number.POSITIVE_INFINITY;
  return (seen + reach(Math.min(first.at - from, zero)) + reach(to - last.at)) / seen;
}

/** A counter that falls has begun again from 0. */
function growthOf(points: Series['points']): number {
  return points
    .slice(1)
    .map(({ value }, i) => (value < points[i]!.value ? value : value - points[i]!.value))
    .reduce((sum, step) => sum + step, 0);
}

const AGGREGATES = {
  sum: (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0),
  min: (values: readonly number[]) => Math.min(...values),
  max: (values: readonly number[]) => Math.max(...values),
  count: (values: readonly number[]) => values.length,
} as const;

function aggregateOf(
  { of, by, inner }: Extract<Expression, { readonly kind: 'aggregate' }>,
  history: History,
): Element[] {
  const vector = resultOf(inner, history);
  if (typeof vector === 'number') throw new ExpressionError(`${of} needs series, not a number`);
  const groups = new Map<string, { readonly labels: Labels; readonly values: number[] }>();
  for (const { labels, value } of vector) {
    const kept = Object.fromEntries(by.flatMap((name) => (name in labels ? [[name, labels[name]!]] : [])));
    const group = groups.get(keyOf(kept)) ?? { labels: kept, values: [] };
    group.values.push(value);
    groups.set(keyOf(kept), group);
  }
  return [...groups.values()].map(({ labels, values }) => ({ labels, value: AGGREGATES[of](values) }));
}

/** Arithmetic gives a number; a comparison, whether it is so. */
const PAIRS: Readonly<Record<Exclude<Operator, 'and'>, (a: number, b: number) => number | boolean>> = {
  '==': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '<=': (a, b) => a <= b,
  '>=': (a, b) => a >= b,
  '<': (a, b) => a < b,
  '>': (a, b) => a > b,
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
};

/** Series are matched by all of their labels; what compares false is left out. */
function binaryOf(operator: Operator, left: Value, right: Value): Value {
  if (operator === 'and') {
    if (typeof left === 'number' || typeof right === 'number') throw new ExpressionError('and needs series');
    const keys = new Set(right.map(({ labels }) => keyOf(labels)));
    return left.filter(({ labels }) => keys.has(keyOf(labels)));
  }
  const pair = PAIRS[operator];
  if (typeof left === 'number' && typeof right === 'number') {
    const result = pair(left, right);
    if (typeof result === 'boolean') throw new ExpressionError('a comparison of numbers is no alert');
    return result;
  }
  if (typeof left === 'number')
    return (right as readonly Element[]).flatMap((each) => kept(each, pair(left, each.value)));
  if (typeof right === 'number') return left.flatMap((each) => kept(each, pair(each.value, right)));
  const others = new Map(right.map((each) => [keyOf(each.labels), each.value]));
  return left.flatMap((each) => {
    const other = others.get(keyOf(each.labels));
    return other === undefined ? [] : kept(each, pair(each.value, other));
  });
}

function kept(each: Element, result: number | boolean): Element[] {
  if (typeof result === 'number') return [{ labels: each.labels, value: result }];
  return result ? [each] : [];
}
