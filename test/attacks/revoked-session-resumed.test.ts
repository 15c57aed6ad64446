// AX-11: a session is revoked while its client is away, and the client comes back: no message is replayed.
import { afterEach, expect, it } from 'vitest';
import { Chat } from '../support/chat.ts';
import { claiming, keeping, lose, resumingAs, upstreamSays } from '../support/resuming.ts';

let chat: Chat;

afterEach(() => chat.close());

const ada = { sub: 'ada', org: 'acme', jti: 'jti-1' };

it.each([
  ['subject', 'ada'],
  ['tenant', 'acme'],
  ['tokenId', 'jti-1'],
])('by %s', async (by, value) => {
  chat = await Chat.open(keeping());
  const claims = { ...ada, iat: Math.floor(Date.now() / 1_000) - 5 };
  const client = await resumingAs(chat, claims);
  await lose(chat, client);
  await upstreamSays(chat, 'a secret');
  const { token = '', seen } = client;
  await chat.ask('POST', '/revocations', { by, value });
  expect(await chat.upstream.peers[0]!.closed()).toMatchObject({ code: 1001 });
  expect(await chat.gateway.logged('session.closed')).toMatchObject({ code: 'session_revoked' });

  expect(await claiming(chat, claims, { token, seen })).toMatchObject({ status: 401 });
  expect(chat.gateway.gateway.parking.find(token)).toBeUndefined();

  // With a credential that came later the holder may begin anew, and gets nothing of the old session.
  const later = { ...ada, jti: 'jti-2', iat: Math.floor(Date.now() / 1_000) + 1 };
  const again = await resumingAs(chat, later, { offers: [`sallyport.resume.${token}.${seen}`] });
  expect(again.welcomes).toMatchObject([{ resumed: false, reason: 'unknown' }]);
  expect(again.received).toEqual([]);
});

it('a credential that was revoked alone does not come back to the session of another one', async () => {
  chat = await Chat.open(keeping());
  const claims = { ...ada, iat: Math.floor(Date.now() / 1_000) - 5 };
  const client = await resumingAs(chat, claims);
  await lose(chat, client);
  await chat.ask('POST', '/revocations', { by: 'tokenId', value: 'stolen' });
  const { token = '', seen } = client;
  expect(await claiming(chat, { ...claims, jti: 'stolen' }, { token, seen })).toMatchObject({ status: 401 });
  client.comeBack();
  await client.until(({ welcomes }) => welcomes.length === 2);
  expect(client.welcomes[1]).toMatchObject({ resumed: true });
});
