// JS-01, JS-02
import { expect, it } from 'vitest';
import { Guarded } from '../support/guarded.ts';

const REACHING = [
  '{"type":"chat.ping","__proto__":{"admin":true}}',
  '{"__proto__":{"type":"chat.ping"}}',
  '{"type":"chat.ping","to":[{"\\u005f_proto__":{"admin":true}}]}',
  '{"type":"chat.ping","constructor":{"prototype":{"admin":true}}}',
  '{"type":"chat.ping","constructor" : { "a":1, "protot\\u0079pe":{"admin":true}}}',
];

it.each(REACHING)('refuses %s', async (message) => {
  const pair = new Guarded().connect();
  await pair.refuses(message, 'json_unsafe');
  expect(({} as { admin?: unknown }).admin).toBeUndefined();
  pair.end();
});
