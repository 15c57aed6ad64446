// JS-10
import { expect, it } from 'vitest';
import { Guarded } from '../support/guarded.ts';

/** A rule that a reader with doubles and one with exact integers must agree on. */
const route = {
  authorize: [
    { when: 'message.type == "chat.ping"', allow: 'true' },
    { allow: 'message.account == 9007199254740992.0' },
  ],
};

it.each([
  '9007199254740993',
  '9007199254740993.0',
  '9007199254740.993e3',
  '9223372036854775807',
  '1e400',
  '-1e400',
  '1e-400',
])('refuses %s, which a rule would see as another number than the upstream', async (number) => {
  const pair = new Guarded(route).connect();
  await pair.refuses(`{"type":"pay","account":${number}}`, 'json_unsafe');
  pair.end();
});

it('lets numbers pass that are what they say, byte for byte', async () => {
  const pair = new Guarded(route).connect();
  expect(await pair.send('{"type":"pay","account":9007199254740992}')).toBe('pass');
  expect(await pair.send('{"type":"chat.ping","n":[-0,0.1,1E2,1152921504606846976,5e-324]}')).toBe('pass');
  pair.end();
});
