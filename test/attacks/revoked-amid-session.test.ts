// AX-05: a credential that is revoked ends every session that it opened, at once, and opens no other.
import { afterEach, expect, it } from 'vitest';
import { Chat, echoes } from '../support/chat.ts';

let chat: Chat;

afterEach(() => chat.close());

it.each([
  ['subject', 'ada', { sub: 'ada', org: 'acme' }],
  ['tenant', 'acme', { sub: 'ada', org: 'acme' }],
  ['tokenId', 'jti-1', { sub: 'ada', jti: 'jti-1' }],
])('revokes by %s: the session ends, and the credential does not come back', async (by, value, claims) => {
  chat = await Chat.open();
  const iat = Math.floor(Date.now() / 1_000) - 5;
  const peer = await chat.join({ ...claims, iat });
  const other = await chat.join({ sub: 'bob', org: 'globex', jti: 'jti-2', iat });
  expect((await chat.ask('POST', '/revocations', { by, value })).json()).toEqual({ ended: 1, kept: false });
  expect(await peer.closed()).toMatchObject({ code: 4500, reason: 'session_revoked' });
  expect(await chat.knock({ ...claims, iat })).toMatchObject({ status: 401 });
  await echoes(other);
  const refused = chat.named('upgrade.refused');
  expect(refused).toMatchObject([{ code: 'credential_revoked', status: 401 }]);
});
