import { expect, test } from 'vitest';
import { TokenCache } from './token-cache.ts';

test('finds what was kept last', () => {
  const cache = new TokenCache<string>({ entries: 2, characters: 100 });
  cache.keep('a', 'one', 3);
  cache.keep('a', 'two', 3);
  expect(cache.find('a')).toBe('two');
  expect(cache.find('b')).toBeUndefined();
  expect(cache.size).toBe(1);
});

test('is bounded in number and in size, and the oldest goes first', () => {
  const cache = new TokenCache<number>({ entries: 3, characters: 10 });
  for (const [token, size] of Object.entries({ a: 1, b: 1, c: 1, d: 1 })) cache.keep(token, size, size);
  expect(cache.find('a')).toBeUndefined();
  expect(cache.size).toBe(3);
  cache.keep('e', 9, 9);
  expect(['b', 'c', 'd', 'e'].map((token) => cache.find(token))).toEqual([undefined, undefined, 1, 9]);
  cache.keep('f', 11, 11);
  expect(cache.size).toBe(0);
});

test('forgets everything at once', () => {
  const cache = new TokenCache<number>({ entries: 3, characters: 10 });
  cache.keep('a', 1, 10);
  cache.clear();
  cache.keep('b', 2, 10);
  expect([cache.find('a'), cache.find('b')]).toEqual([undefined, 2]);
});
