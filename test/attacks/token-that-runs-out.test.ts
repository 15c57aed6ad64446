// AX-01: a token that runs out under an open socket ends it, and nothing is forwarded after that moment.
import { afterEach, expect, it } from 'vitest';
import { Chat, echoes } from '../support/chat.ts';
import { leap } from '../support/leap.ts';
import { text } from '../support/raw-frames.ts';

let chat: Chat;

afterEach(async () => {
  await chat.close();
});

it('ends the session as expired, at that second', async () => {
  chat = await Chat.open();
  const exp = Math.ceil(Date.now() / 1_000) + 1;
  const peer = await chat.join({ exp });
  expect(await peer.closed()).toMatchObject({ code: 3000, reason: 'session_expired', how: 'fin' });
  expect(Date.now()).toBeGreaterThanOrEqual(exp * 1_000);
  expect(await chat.gateway.logged('session.closed')).toMatchObject({
    initiator: 'gateway',
    close: 3000,
    code: 'session_expired',
    subject: 'ada',
  });
});

it('forwards no message after that, whenever the sweep comes by', async () => {
  chat = await Chat.open();
  const peers = [await chat.join(), await chat.join(), await chat.join(), await chat.join()];
  for (const peer of peers) await echoes(peer);
  leap(901_000); // tokens of the test live fifteen minutes
  for (const peer of peers) peer.send(text('too late'));
  for (const peer of peers) expect(await peer.closed()).toMatchObject({ code: 3000 });
  const heard = chat.upstream.peers.flatMap(({ received }) => received.map(({ payload }) => String(payload)));
  expect(heard.filter((message) => message === 'too late')).toEqual([]);
});

it('lets the session live on for the grace, and no longer', async () => {
  chat = await Chat.open({ route: { lifetime: { refreshGrace: '1m' } } });
  const peer = await chat.join();
  leap(930_000);
  await echoes(peer);
  leap(961_000);
  expect(await peer.closed()).toMatchObject({ code: 3000 });
});
