import { expect, it } from 'vitest';
import type { Verdict, Weight } from './check.ts';
import { GRADES, type Graded, grade, isAtLeast, RULES } from './grade.ts';

const results = (...found: readonly (readonly [Weight, Verdict])[]): Graded[] =>
  found.map(([weight, verdict], i) => ({ id: `c${i}`, group: 'frames', weight, verdict }));
const times = (count: number, weight: Weight): (readonly [Weight, Verdict])[] =>
  Array.from({ length: count }, () => [weight, 'fail']);

it.each([
  ['A+', results(['critical', 'pass'], ['low', 'info'], ['high', 'skipped'])],
  ['A+', results(['advice', 'fail'], ['advice', 'warn'])],
  ['A', results(['low', 'fail'])],
  ['A', results(['low', 'warn'])],
  ['A', results(['medium', 'warn'])],
  ['A', results(['low', 'inconclusive'])],
  ['A', results(...times(4, 'low'))],
  ['B', results(...times(5, 'low'))],
  ['B', results(['medium', 'fail'])],
  ['B', results(['high', 'warn'])],
  ['B', results(...times(3, 'medium'))],
  ['C', results(...times(4, 'medium'))],
  ['D', results(['high', 'fail'], ['medium', 'fail'])],
  ['D', results(['critical', 'warn'])],
  ['E', results(...times(3, 'high'))],
  ['F', results(['critical', 'fail'], ['low', 'pass'])],
])('%s', (expected, found) => {
  expect(grade(found).grade).toBe(expected);
});

it('is A at best if nothing opened', () => {
  const transport: Graded = { id: 'plaintext', group: 'transport', weight: 'critical', verdict: 'pass' };
  expect(grade([transport]).grade).toBe('A+'); // only that was asked for
  expect(grade([transport, ...results(['high', 'skipped'])])).toEqual({
    grade: 'A',
    because: ['at most A: no WebSocket could be opened, so that frames and limits were not seen'],
  });
});

it('names each rule that held', () => {
  expect(grade(results(['high', 'fail'], ['low', 'fail'])).because).toEqual([
    'at most D: a check of high weight fails',
    'at most A: a check of low weight fails',
  ]);
});

it('has a rule for each step', () => {
  expect(new Set(RULES.map(({ atMost }) => atMost))).toEqual(new Set(GRADES.slice(1)));
});

it('compares grades', () => {
  expect(isAtLeast('A+', 'A')).toBe(true);
  expect(isAtLeast('B', 'B')).toBe(true);
  expect(isAtLeast('C', 'B')).toBe(false);
});
