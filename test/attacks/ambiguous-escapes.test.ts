// JS-06
import { expect, it } from 'vitest';
import { Guarded } from '../support/guarded.ts';

it.each([
  ['NUL at the end of a key', '{"type":"chat.ping","action\\u0000":1}', 'json_unsafe'],
  ['NUL alone as a key', '{"type":"chat.ping","\\u0000":1}', 'json_unsafe'],
  ['half a surrogate pair in a value', '{"type":"chat.ping","text":"\\ud800"}', 'json_unsafe'],
  ['the other half in a key', '{"type":"chat.ping","\\uDFFF":1}', 'json_unsafe'],
  ['two halves in the wrong order', '{"type":"chat.ping","text":"\\udc00\\ud800"}', 'json_unsafe'],
  ['a byte order mark', '\ufeff{"type":"chat.ping"}', 'message_malformed'],
] as const)('refuses %s', async (_, message, code) => {
  const pair = new Guarded().connect();
  await pair.refuses(message, code);
  pair.end();
});

it('lets a whole pair pass, escaped or not', async () => {
  const pair = new Guarded().connect();
  expect(await pair.send('{"type":"chat.ping","text":"\\ud83d\\ude00 😀"}')).toBe('pass');
  pair.end();
});
