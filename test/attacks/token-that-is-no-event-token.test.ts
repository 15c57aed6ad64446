// AX-07: what the same issuer has signed for another purpose is no event token.
import { afterEach, expect, it } from 'vitest';
import { type Chat, echoes } from '../support/chat.ts';
import { earlier, eventToken, openWithSignals, push, transmitter } from '../support/signals.ts';
import { claimsOf, tokenOf } from '../support/tokens.ts';

let chat: Chat;

afterEach(() => chat.close());

it.each([
  ['JWT', eventToken({ header: { typ: 'JWT' } })],
  ['at+jwt', eventToken({ header: { typ: 'at+jwt' } })],
  ['none', eventToken({ header: { typ: undefined } })],
  ['an access token', tokenOf(transmitter, claimsOf())],
  ['a critical extension', eventToken({ header: { crit: ['exp'] } })],
])('by its type (%s)', async (_what, token) => {
  chat = await openWithSignals();
  const ada = await chat.join(earlier());
  expect(await push(chat, token)).toMatchObject({ status: 400, body: { err: 'invalid_request' } });
  await echoes(ada);
  expect(chat.named('signal.refused')).toMatchObject([{ transmitter: 'idp', error: 'invalid_request' }]);
});

it.each([
  ['exp', { exp: Math.floor(Date.now() / 1_000) + 60 }],
  ['exp', { exp: 1 }],
  ['sub', { sub: 'ada' }],
])('by a claim that event tokens do not have (%s)', async (_claim, claims) => {
  chat = await openWithSignals();
  const ada = await chat.join(earlier());
  const token = eventToken({ claims });
  expect(await push(chat, token)).toMatchObject({ status: 400, body: { err: 'invalid_request' } });
  await echoes(ada);
});

it('and an event token opens no socket', async () => {
  chat = await openWithSignals();
  const headers = { Authorization: `Bearer ${eventToken()}` };
  expect(await chat.knock({}, { headers })).toMatchObject({ status: 401 });
});
