// AX-14: a ticket is good for seconds, and never for longer than the credential behind it.
import { afterEach, expect, it } from 'vitest';
import { Chat } from '../support/chat.ts';
import { leap } from '../support/leap.ts';
import { askWellKnown, showing, ticketFor } from '../support/well-known.ts';

let chat: Chat;

afterEach(async () => {
  await chat.close();
});

it('is good until its time is over, and not after', async () => {
  chat = await Chat.open({ route: { tickets: {} } });
  const [early, late] = [await ticketFor(chat), await ticketFor(chat)];
  expect(early.expiresIn).toBe(30_000);
  leap(29_000);
  expect(await chat.knock({}, showing(early.ticket))).toBe('in');
  leap(30_500);
  expect(await chat.knock({}, showing(late.ticket))).toMatchObject({ status: 401 });
  expect(chat.named('upgrade.refused')).toMatchObject([{ code: 'ticket_invalid' }]);
});

it('cannot be given more than thirty seconds', async () => {
  chat = await Chat.open({ route: { tickets: { lifetime: '10s' } } });
  expect((await ticketFor(chat)).expiresIn).toBe(10_000);
  chat.rewrite((config) => {
    Object.assign((config.routes as object[])[0]!, { tickets: { lifetime: '31s' } });
  });
  expect(await chat.gateway.gateway.reload()).toMatchObject({ done: false });
});

it('does not outlive the credential', async () => {
  chat = await Chat.open({ route: { tickets: {} } });
  const exp = Math.floor(Date.now() / 1_000) + 5;
  const { ticket, expiresIn } = await ticketFor(chat, { exp });
  expect(expiresIn).toBeLessThanOrEqual(5_000);
  leap(6_000);
  expect(await chat.knock({}, showing(ticket))).toMatchObject({ status: 401 });
});

it('opens nothing once its holder is revoked, and none is given', async () => {
  chat = await Chat.open({ route: { tickets: {} } });
  const claims = { iat: Math.floor(Date.now() / 1_000) - 5 };
  const { ticket } = await ticketFor(chat, claims);
  await chat.ask('POST', '/revocations', { by: 'subject', value: 'ada' });
  expect(await chat.knock({}, showing(ticket))).toMatchObject({ status: 401 });
  expect(chat.named('upgrade.refused')).toMatchObject([{ code: 'credential_revoked' }]);
  const fields = { Authorization: `Bearer ${chat.token(claims)}` };
  const { status, body } = await askWellKnown(chat, '/tickets', { path: '/chat' }, fields);
  expect([status, body]).toEqual([401, { code: 'credential_revoked', reason: 'revoked' }]);
});

it('leads to a session that ends with the credential', async () => {
  chat = await Chat.open({ route: { tickets: {} } });
  const exp = Math.ceil(Date.now() / 1_000) + 1;
  const { ticket } = await ticketFor(chat, { exp });
  const peer = await chat.join({}, showing(ticket));
  expect(await peer.closed()).toMatchObject({ code: 3000, reason: 'session_expired' });
});
