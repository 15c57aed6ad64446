// JS-15
import { expect, it } from 'vitest';
import { Guarded } from '../support/guarded.ts';

const rule = (allow: string) => ({
  authorize: [{ when: 'message.type == "chat.ping"', allow: 'true' }, { allow }],
});

// A backtracking engine would need longer than the age of the universe for any of these.
it.each(['^(a+)+$', '^(a|a)*$', '^(a|aa)+$', '(a*)*b', '^(([a-z])+.)+[A-Z]([a-z])+$'])(
  'matches %s in linear time',
  async (pattern) => {
    const pair = new Guarded(rule(`message.text.matches(${JSON.stringify(pattern)})`)).connect();
    await pair.refuses(`{"type":"a","text":"${'a'.repeat(5_000)}!"}`, 'not_authorized');
    pair.end();
  },
);

it('takes no pattern and no duration from the message', () => {
  expect(() => new Guarded(rule('message.text.matches(message.pattern)'))).toThrow(/written here/);
  expect(() => new Guarded(rule('duration(message.text) > duration("1s")'))).toThrow(/written here/);
});
