// AX-16: while the store is away no ticket is given and none is believed; credentials still open sockets.
import { afterEach, expect, it, vi } from 'vitest';
import { StoreError } from '../../src/store/store.ts';
import { Chat } from '../support/chat.ts';
import { askWellKnown, showing, ticketFor } from '../support/well-known.ts';

let chat: Chat;

afterEach(() => chat.close());

it('refuses with 503, and says when to come back', async () => {
  chat = await Chat.open({ route: { tickets: {} } });
  const { ticket } = await ticketFor(chat);
  const { store } = chat.gateway.gateway.services;
  for (const method of ['add', 'take'] as const)
    vi.spyOn(store, method).mockRejectedValue(new StoreError('away'));
  const refused = await chat.knock({}, showing(ticket));
  expect(refused).toMatchObject({ status: 503 });
  expect(chat.named('upgrade.refused')).toMatchObject([{ code: 'state_unavailable' }]);
  const fields = { Authorization: `Bearer ${chat.token()}` };
  const { status, headers, body } = await askWellKnown(chat, '/tickets', { path: '/chat' }, fields);
  expect([status, body.code]).toEqual([503, 'state_unavailable']);
  expect(Number(headers['retry-after'])).toBeGreaterThan(0);
  expect(await chat.knock()).toBe('in');
});
