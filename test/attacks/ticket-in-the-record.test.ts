// AX-15 AU-03: a ticket is a secret as long as it is good: no log, no upstream and no store has it.
import { afterEach, expect, it } from 'vitest';
import { Chat } from '../support/chat.ts';
import { showing, ticketFor } from '../support/well-known.ts';

let chat: Chat;

afterEach(() => chat.close());

it('reaches neither the log nor the upstream, and is not echoed', async () => {
  chat = await Chat.open({ route: { tickets: {}, protocols: ['chat.v1'] } });
  const offered = await ticketFor(chat);
  const asked = await ticketFor(chat);
  const offer = { 'Sec-WebSocket-Protocol': `chat.v1, ticket.${offered.ticket}` };
  await chat.join({}, showing(offered.ticket, offer));
  const path = `/chat?room=1&ticket=${asked.ticket}&x=2`;
  await chat.join({}, { path, headers: { Authorization: null, 'Sec-WebSocket-Protocol': 'chat.v1' } });
  const heard = JSON.stringify(chat.upstream.requests.map(({ start, headers }) => [start, ...headers]));
  expect(heard).toContain('room=1&x=2');
  for (const { ticket } of [offered, asked]) {
    expect(heard).not.toContain(ticket);
    expect(JSON.stringify(chat.log)).not.toContain(ticket);
  }
});

it('lies in the store as a hash, and what it stands for is sealed', async () => {
  chat = await Chat.open({ route: { tickets: {} } });
  const { ticket, session } = await ticketFor(chat, { sub: 'ada.lovelace' });
  const kept = await chat.gateway.gateway.services.store.list('ticket/');
  expect(kept).toHaveLength(1);
  const text = JSON.stringify(kept) + Buffer.from(String(kept[0]![1]), 'base64').toString('latin1');
  for (const secret of [ticket, session, 'ada.lovelace']) expect(text).not.toContain(secret);
});

it.each([
  [
    'another credential',
    (ticket: string, token: string) => ({ ...showing(ticket).headers, Authorization: `Bearer ${token}` }),
  ],
  [
    'another ticket',
    (ticket: string) => showing(ticket, { 'Sec-WebSocket-Protocol': `ticket.${ticket}, ticket.x` }).headers,
  ],
])('is refused beside %s', async (_, headersOf) => {
  chat = await Chat.open({ route: { tickets: {} } });
  const { ticket } = await ticketFor(chat);
  expect(await chat.knock({}, { headers: headersOf(ticket, chat.token()) })).toMatchObject({ status: 401 });
  expect(chat.named('upgrade.refused')).toMatchObject([{ code: 'credential_malformed' }]);
});
