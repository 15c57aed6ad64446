// AC-14
import { expect, it } from 'vitest';
import { Guarded } from '../support/guarded.ts';

const rules = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ when: `message.type == "t${i}"`, allow: 'true' }));

it('does not load more rules than a message can be held against', () => {
  expect(() => new Guarded({ authorize: rules(501) })).toThrow();
});

it('does not load an expression that is too large, too deep or nests loops over the message', () => {
  for (const allow of [
    `true${' && true'.repeat(2_000)}`,
    `${'!'.repeat(3_000)}true`,
    `${'('.repeat(2_000)}true${')'.repeat(2_000)}`,
    'message.a.all(a, message.a.all(b, message.a.all(c, a == b && b == c)))',
  ]) {
    expect(() => new Guarded({ authorize: [{ allow }] }), allow.slice(0, 40)).toThrow();
  }
});

it('holds a message against five hundred', async () => {
  const pair = new Guarded({
    authorize: [{ when: 'message.type == "chat.ping"', allow: 'true' }, ...rules(499)],
  }).connect();
  expect(await pair.send('{"type":"t498"}')).toBe('pass');
  await pair.refuses('{"type":"t499"}', 'not_authorized');
  pair.end();
});
