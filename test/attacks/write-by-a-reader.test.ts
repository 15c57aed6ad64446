// AC-05, AC-10
import { expect, it } from 'vitest';
import { Guarded, HARMLESS } from '../support/guarded.ts';

const gate = new Guarded({
  authorize: [
    { when: 'message.type in ["read", "chat.ping"]', allow: 'true' },
    { when: 'message.type in ["write", "exec"]', allow: '"writer" in principal.roles' },
  ],
});

it.each(['write', 'exec', 'delete', 'WRITE', 'write ', 'read\u0000'])(
  'refuses %j from a reader, although every upgrade is a GET',
  async (type) => {
    const pair = gate.connect({ roles: ['reader'] });
    expect(await pair.send('{"type":"read"}')).toBe('pass');
    await pair.refuses(JSON.stringify({ type }), 'not_authorized');
    pair.end();
  },
);

it('does not take a role from the message, nor a list for a name', async () => {
  const pair = gate.connect({ roles: ['reader'] });
  await pair.refuses(
    '{"type":"write","roles":["writer"],"principal":{"roles":["writer"]}}',
    'not_authorized',
  );
  await pair.refuses('{"type":["read","write"]}', 'message_malformed');
  expect(await pair.send(HARMLESS)).toBe('pass');
  pair.end();
});

it('lets a writer write', async () => {
  const pair = gate.connect({ roles: ['reader', 'writer'] });
  expect(await pair.send('{"type":"write"}')).toBe('pass');
  pair.end();
});
