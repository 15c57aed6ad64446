// AX-07: an event token that nobody has signed, or that was signed with what is public.
import { afterEach, expect, it } from 'vitest';
import { type Chat, echoes } from '../support/chat.ts';
import { earlier, eventClaims, eventToken, openWithSignals, push, transmitter } from '../support/signals.ts';
import { encode, newSigner } from '../support/tokens.ts';

let chat: Chat;

afterEach(() => chat.close());

it.each([
  ['none', ''],
  ['None', ''],
  ['none', 'AA'],
  ['HS256', 'AA'],
])('of algorithm %s with the signature "%s" ends nothing', async (alg, signature) => {
  chat = await openWithSignals();
  const ada = await chat.join(earlier());
  const token = `${encode({ alg, typ: 'secevent+jwt' })}.${encode(eventClaims())}.${signature}`;
  expect(await push(chat, token)).toMatchObject({ status: 400, body: { err: 'invalid_request' } });
  await echoes(ada);
});

it('whose claims were changed after it was signed ends nothing', async () => {
  chat = await openWithSignals();
  const ada = await chat.join(earlier());
  const [head, , signature] = eventToken({ claims: { sub_id: undefined } }).split('.');
  const token = `${head}.${encode(eventClaims())}.${signature}`;
  expect(await push(chat, token)).toMatchObject({ status: 400, body: { err: 'invalid_key' } });
  await echoes(ada);
});

it('that brings its own key ends nothing', async () => {
  chat = await openWithSignals();
  const ada = await chat.join(earlier());
  const stranger = newSigner(transmitter.keyId);
  const token = eventToken({ signer: stranger, header: { jwk: stranger.jwk } });
  expect(await push(chat, token)).toMatchObject({ status: 400, body: { err: 'invalid_key' } });
  await echoes(ada);
});
