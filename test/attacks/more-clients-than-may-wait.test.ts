// UP-14: an upstream accepts and does not answer, and more clients come than may wait for it
import type { Socket } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { breakerOf, MAX_DIALLING } from '../../src/upstream/breaker.ts';
import { Chat } from '../support/chat.ts';
import { accept, startUpstream } from '../support/upstream.ts';

let chat: Chat;

afterEach(() => chat.close());

it('as many wait as may, the next is told when to return, and other routes are not touched', async () => {
  const waiting: [string, Socket][] = [];
  const slow = new URL(
    `ws://127.0.0.1:${await startUpstream((head, socket) => waiting.push([head, socket]))}`,
  );
  const prompt = { path: '/prompt' };
  chat = await Chat.open({
    route: { upstream: { url: slow.origin } },
    routes: [{ name: 'prompt', match: prompt }],
  });
  // All but three places are taken; by us, because a thousand TLS handshakes take seconds.
  const breaker = breakerOf('chat', slow, chat.gateway.gateway.services);
  const attempts = Array.from({ length: MAX_DIALLING - 3 }, () => breaker.admit());
  const joining = [chat.join(), chat.join(), chat.join()];
  await expect.poll(() => waiting.length).toBe(3);

  const refused = await chat.knock();
  expect(refused).toMatchObject({ status: 503 });
  expect(refused !== 'in' && Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(waiting).toHaveLength(3); // nobody was dialled for it
  expect(chat.named('upgrade.refused')).toMatchObject([
    { route: 'chat', code: 'upstream_away', reason: `${MAX_DIALLING} wait for it already` },
  ]);
  expect(await chat.knock({}, prompt)).toBe('in');

  // Whoever waited is let in when it answers, and their places are free.
  for (const [head, socket] of waiting) accept(head, socket);
  await Promise.all(joining);
  const late = chat.join();
  await expect.poll(() => waiting.length).toBe(4);
  accept(...waiting[3]!);
  await late;
  expect(await chat.check('upstreams')).toMatchObject({ healthy: true }); // slow, and not away
  for (const each of attempts) if (!('pass' in each)) each.over();
});
