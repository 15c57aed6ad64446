// AX-18: what a new token must be, and when it may come.
import { afterEach, expect, it } from 'vitest';
import { systemClock } from '../../src/store/clock.ts';
import { Chat, echoes } from '../support/chat.ts';
import { leap } from '../support/leap.ts';
import type { RawPeer } from '../support/raw-peer.ts';
import { refresh } from '../support/well-known.ts';

let chat: Chat;

afterEach(async () => {
  await chat.close();
});

const soon = (seconds: number) => Math.floor((systemClock.now() + seconds * 1_000) / 1_000);

async function open(claims: object = {}, grace = '0s'): Promise<{ peer: RawPeer; session: string }> {
  chat = await Chat.open({ route: { refresh: {}, lifetime: { refreshGrace: grace } } });
  const peer = await chat.join(claims as never);
  return { peer, session: String((await chat.gateway.logged('session.opened')).session) };
}

it('a good one moves the end of the session', async () => {
  const { peer, session } = await open({ exp: soon(60) });
  const { status, body } = await refresh(chat, session, { exp: soon(600), jti: 't-2' });
  expect(status).toBe(200);
  expect(body.expiresIn).toBeGreaterThan(590_000);
  expect(body.expiresIn).toBeLessThanOrEqual(600_000);
  leap(120_000);
  await echoes(peer);
  leap(601_000);
  expect(await peer.closed()).toMatchObject({ code: 3000, reason: 'session_expired' });
});

it('one that has run out is refused, and the session ends when it would have', async () => {
  const { peer, session } = await open({ exp: soon(60) });
  const { status, body } = await refresh(chat, session, { exp: soon(-1) });
  expect([status, body.code]).toEqual([401, 'credential_expired']);
  await echoes(peer);
  leap(61_000);
  expect(await peer.closed()).toMatchObject({ code: 3000 });
});

it('one that is revoked is refused, and the session goes on', async () => {
  const { peer, session } = await open({ jti: 't-1' });
  await chat.ask('POST', '/revocations', { by: 'tokenId', value: 't-2' });
  const { status, body } = await refresh(chat, session, { jti: 't-2' });
  expect([status, body.code]).toEqual([401, 'credential_revoked']);
  await echoes(peer);
});

it('a revocation finds the session by its new token, and no longer by its old one', async () => {
  const { peer, session } = await open({ jti: 't-1' });
  expect((await refresh(chat, session, { jti: 't-2' })).status).toBe(200);
  await chat.ask('POST', '/revocations', { by: 'tokenId', value: 't-1' });
  await echoes(peer);
  await chat.ask('POST', '/revocations', { by: 'tokenId', value: 't-2' });
  expect(await peer.closed()).toMatchObject({ code: 4500, reason: 'session_revoked' });
});

it('in the grace one that is good saves the session, and one that is not does not', async () => {
  const { peer, session } = await open({ exp: soon(60) }, '1m');
  leap(90_000);
  expect((await refresh(chat, session, { exp: soon(-20) })).body.code).toBe('credential_expired');
  expect((await refresh(chat, session, { exp: soon(600) })).status).toBe(200);
  leap(150_000);
  await echoes(peer);
});

it('after the grace there is no session any more', async () => {
  const { peer, session } = await open({ exp: soon(60) }, '1m');
  leap(121_000);
  expect(await peer.closed()).toMatchObject({ code: 3000, reason: 'session_expired' });
  expect(await refresh(chat, session, { exp: soon(600) })).toMatchObject({
    status: 404,
    body: { code: 'session_unknown' },
  });
});

it('a route that does not say so renews nothing', async () => {
  chat = await Chat.open();
  const peer = await chat.join();
  const session = String((await chat.gateway.logged('session.opened')).session);
  expect(await refresh(chat, session)).toMatchObject({ status: 404, body: { code: 'not_offered' } });
  await echoes(peer);
});
