// AX-12: a ticket opens one socket; whoever has seen it used cannot use it again.
import { afterEach, expect, it } from 'vitest';
import { Chat, echoes } from '../support/chat.ts';
import { showing, ticketFor } from '../support/well-known.ts';

let chat: Chat;

afterEach(() => chat.close());

it('opens one socket, and then none', async () => {
  chat = await Chat.open({ route: { tickets: {} } });
  const { ticket, session } = await ticketFor(chat);
  await echoes(await chat.join({}, showing(ticket)));
  expect(chat.named('upgrade.accepted')).toMatchObject([{ session, subject: 'ada', identity: 'staff' }]);
  expect(await chat.knock({}, showing(ticket))).toMatchObject({ status: 401 });
  expect(chat.named('upgrade.refused')).toMatchObject([{ code: 'ticket_invalid' }]);
});

it('opens one of twenty that come at once', async () => {
  chat = await Chat.open({ route: { tickets: {} } });
  const { ticket } = await ticketFor(chat);
  const race = await Promise.all(Array.from({ length: 20 }, () => chat.knock({}, showing(ticket))));
  expect(race.filter((outcome) => outcome === 'in')).toHaveLength(1);
});

it('is used up by an attempt that was refused', async () => {
  chat = await Chat.open({ route: { tickets: {} } });
  const { ticket } = await ticketFor(chat);
  await chat.upstream.close();
  expect(await chat.knock({}, showing(ticket))).toMatchObject({ status: 502 });
  expect(await chat.knock({}, showing(ticket))).toMatchObject({ status: 401 });
});
