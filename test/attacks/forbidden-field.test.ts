// AC-06
import { expect, it } from 'vitest';
import { Guarded } from '../support/guarded.ts';

const gate = new Guarded({
  authorize: [
    { when: 'message.type == "chat.ping"', allow: 'true' },
    {
      when: 'message.type == "profile.update"',
      allow: '!has(message.role) && message.all(k, k in ["type", "name"])',
    },
  ],
});

it('refuses an allowed action with a field that is not', async () => {
  const pair = gate.connect();
  expect(await pair.send('{"type":"profile.update","name":"Ada"}')).toBe('pass');
  for (const field of [
    '"role":"admin"',
    '"role":null',
    '"r\\u006fle":"admin"',
    '"Role":"admin"',
    '"constructor":{}',
  ]) {
    await pair.refuses(`{"type":"profile.update","name":"Ada",${field}}`, 'not_authorized');
  }
  pair.end();
});
