// JS-06
import { expect, it } from 'vitest';
import { Guarded, HARMLESS } from '../support/guarded.ts';

const REPEATED = [
  '{"type":"chat.ping","type":"chat.admin"}',
  '{"type":"chat.ping","t\\u0079pe":"chat.admin"}',
  '{"t\\u0079pe":"chat.ping","type":"chat.admin"}',
  '{"type":"chat.ping","to":{"room":1,"room":2}}',
  '{"type":"chat.ping","list":[{"a":1},{"a":1,"\\u0061":2}]}',
];

it.each(REPEATED)('refuses %s, of which two readers would read two things', async (message) => {
  const pair = new Guarded().connect();
  await pair.refuses(message, 'json_unsafe');
  pair.end();
});

it('lets the same key stand in different objects', async () => {
  const pair = new Guarded().connect();
  expect(await pair.send('{"type":"chat.ping","to":{"type":1},"by":[{"type":1},{"type":2}]}')).toBe('pass');
  expect(await pair.send(HARMLESS)).toBe('pass');
  pair.end();
});
