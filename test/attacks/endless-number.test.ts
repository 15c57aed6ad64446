// JS-11
import { it } from 'vitest';
import { Guarded } from '../support/guarded.ts';

const MILLION = 1_000_000;

it.each([
  ['an exponent of seven digits', '1e1000000'],
  ['an exponent of a million digits', `1e${'9'.repeat(MILLION)}`],
  ['an integer of a million digits', '7'.repeat(MILLION)],
  ['a fraction of a million digits', `0.${'3'.repeat(MILLION)}`],
  ['a million zeros before the point', `1${'0'.repeat(MILLION)}`],
])('refuses %s', async (_, number) => {
  const pair = new Guarded({ messages: { maxBytes: '8MiB' } }).connect();
  await pair.refuses(`{"type":"chat.ping","n":${number}}`, 'json_unsafe');
  pair.end();
});
