// JS-14
import { it } from 'vitest';
import { Guarded } from '../support/guarded.ts';

it.each([
  '"chat.ping"',
  '7',
  'true',
  'null',
  '[]',
  '["type","chat.ping"]',
  '[{"type":"chat.ping"}]',
  '{}',
  '{"type":null}',
  '{"type":["chat.ping"]}',
])('refuses %s where an object with a type is expected', async (message) => {
  const pair = new Guarded().connect();
  await pair.refuses(message, 'message_malformed');
  pair.end();
});
