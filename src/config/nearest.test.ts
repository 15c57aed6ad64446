import fc from 'fast-check';
import { expect, test } from 'vitest';
import { editDistance, nearest } from './nearest.ts';

const KEYS = ['match', 'messages', 'maxBytes', 'origins', 'observe', 'identify', 'upstream'];

test.each([
  ['mach', 'match'],
  ['MATCH', 'match'],
  ['mesages', 'messages'],
  ['orgins', 'origins'],
  ['upstraem', 'upstream'],
  ['max_bytes', 'maxBytes'],
])('%s is a slip for %s', (word, meant) => {
  expect(nearest(word, KEYS)).toBe(meant);
});

test.each(['', 'x', 'tls', 'certificates', 'm'.repeat(10_000)])('%.20s is near to nothing', (word) => {
  expect(nearest(word, KEYS)).toBeUndefined();
});

test.each([
  ['', 'abc', 3],
  ['abc', 'abc', 0],
  ['abc', 'acb', 1],
  ['kitten', 'sitting', 3],
  ['ca', 'abc', 3],
])('from %j to %j are %i edits', (a, b, edits) => {
  expect(editDistance(a, b)).toBe(edits);
});

test('the distance is symmetric, and no more than the longer word', () => {
  const word = fc.string({ maxLength: 12 });
  fc.assert(
    fc.property(word, word, (a, b) => {
      const distance = editDistance(a, b);
      expect(distance).toBe(editDistance(b, a));
      expect(distance).toBeLessThanOrEqual(Math.max(a.length, b.length));
      expect(distance === 0).toBe(a === b);
    }),
  );
});
