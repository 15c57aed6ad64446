// JS-12
import { it } from 'vitest';
import { Guarded } from '../support/guarded.ts';

it.each([
  'NaN',
  'Infinity',
  '-Infinity',
  '01',
  '+1',
  '.5',
  '1.',
  '0x10',
  "'a'",
  '[1,]',
  '{"a":1,}',
  '{a:1}',
  '// a comment',
  '1 /* two */',
  '"\t"',
  '"\\x41"',
  '"\\u00zz"',
  '[1 2]',
  '{"a" 1}',
  'True',
  '[',
  '}',
  '"open',
])('refuses %s', async (value) => {
  const pair = new Guarded().connect();
  await pair.refuses(`{"type":"chat.ping","value":${value}}`, 'message_malformed');
  pair.end();
});
