// AX-19: new tokens cost signatures; on one connection they are few.
import { afterEach, expect, it } from 'vitest';
import { Chat } from '../support/chat.ts';
import { text } from '../support/raw-frames.ts';
import { refresh } from '../support/well-known.ts';

let chat: Chat;

afterEach(() => chat.close());

const dialect = {
  json: {
    type: '/type',
    refusal: '{"code":{code},"retryAfter":{retryAfter}}',
    refresh: { type: 'auth', answer: '{"type":"auth.ok","expiresIn":{expiresIn}}' },
  },
};

it('in messages and by request together: twelve, and then one each five seconds', async () => {
  chat = await Chat.open({ route: { refresh: {}, dialect } });
  const peer = await chat.join();
  const session = String((await chat.gateway.logged('session.opened')).session);
  for (let i = 0; i < 12; i++) peer.send(text(JSON.stringify({ type: 'auth', token: chat.token() })));
  for (let i = 0; i < 12; i++) expect(String((await peer.nextOf('text')).payload)).toContain('auth.ok');
  peer.send(text(JSON.stringify({ type: 'auth', token: chat.token() })));
  const told = JSON.parse(String((await peer.nextOf('text')).payload));
  expect(told.code).toBe('rate_exceeded');
  expect(told.retryAfter).toBeGreaterThan(0);
  expect(await refresh(chat, session)).toMatchObject({ status: 429, body: { code: 'rate_exceeded' } });
  expect(chat.named('identity.answered').filter(({ outcome }) => outcome === 'accepted')).toHaveLength(14);
});

it('a token that is too long is not looked at', async () => {
  chat = await Chat.open({ route: { dialect } });
  const peer = await chat.join();
  peer.send(text(JSON.stringify({ type: 'auth', token: 'a'.repeat(20_000) })));
  expect(JSON.parse(String((await peer.nextOf('text')).payload)).code).toBe('credential_malformed');
});
