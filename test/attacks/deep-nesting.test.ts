// JS-07
import { expect, it } from 'vitest';
import { Guarded } from '../support/guarded.ts';

const DEPTHS = [33, 100, 10_000, 100_000, 1_000_000];
const wide = { messages: { maxBytes: '8MiB' } };

it.each(DEPTHS)('refuses %d arrays within each other, closed or not', async (depth) => {
  const pair = new Guarded(wide).connect();
  await pair.refuses('['.repeat(depth), 'json_structure');
  await pair.refuses('['.repeat(depth) + ']'.repeat(depth), 'json_structure');
  pair.end();
});

it.each(DEPTHS)('refuses %d objects within each other, closed or not', async (depth) => {
  const pair = new Guarded(wide).connect();
  await pair.refuses('{"a":'.repeat(depth), 'json_structure');
  await pair.refuses(`${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`, 'json_structure');
  pair.end();
});

it('lets pass what nests no deeper than the route says', async () => {
  const pair = new Guarded(wide).connect();
  expect(await pair.send(`{"type":"chat.ping","a":${'['.repeat(31)}${']'.repeat(31)}}`)).toBe('pass');
  pair.end();
});
