// AC-09
import { expect, it } from 'vitest';
import { Guarded } from '../support/guarded.ts';

const gate = new Guarded({
  authorize: [
    { when: 'message.type == "chat.ping"', allow: 'true' },
    { allow: 'message.tenant == principal.tenant' },
  ],
});

it('refuses the name of another tenant in a message', async () => {
  const pair = gate.connect({ tenant: 'acme' });
  expect(await pair.send('{"type":"order","tenant":"acme"}')).toBe('pass');
  for (const tenant of ['"globex"', '"ACME"', '"acme "', '["acme"]', 'null', '{"name":"acme"}']) {
    await pair.refuses(`{"type":"order","tenant":${tenant}}`, 'not_authorized');
  }
  await pair.refuses('{"type":"order"}', 'not_authorized');
  pair.end();
});

it('refuses whoever has no tenant at all', async () => {
  const pair = gate.connect({ tenant: undefined as never });
  await pair.refuses('{"type":"order"}', 'not_authorized');
  await pair.refuses('{"type":"order","tenant":null}', 'not_authorized');
  pair.end();
});
