// AX-07: an event token that is sent again is acknowledged, for its sender may not have heard, and ends nothing more.
import { afterEach, expect, it } from 'vitest';
import { type Chat, echoes } from '../support/chat.ts';
import { earlier, eventToken, openWithSignals, push, user } from '../support/signals.ts';

let chat: Chat;

afterEach(() => chat.close());

it('is taken once', async () => {
  chat = await openWithSignals();
  const ada = await chat.join(earlier());
  const token = eventToken();
  expect((await push(chat, token)).status).toBe(202);
  expect(await ada.closed()).toMatchObject({ code: 4500 });
  expect((await push(chat, token)).status).toBe(202);
  expect(chat.named('signal.accepted')).toHaveLength(1);
  expect(chat.named('signal.ignored')).toMatchObject([{ reason: 'it has been taken before' }]);
});

it('of the same id is taken once, whatever else it says', async () => {
  chat = await openWithSignals();
  const bob = await chat.join(earlier({ sub: 'bob' }));
  expect((await push(chat, eventToken({ claims: { jti: 'j' } }))).status).toBe(202);
  expect((await push(chat, eventToken({ claims: { jti: 'j', sub_id: user('bob') } }))).status).toBe(202);
  await echoes(bob);
});

it('ends nothing that was opened since, even where it comes twenty times at once', async () => {
  chat = await openWithSignals();
  const ago = Math.floor(Date.now() / 1_000) - 10;
  const later = await chat.join({ iat: ago + 1 });
  const token = eventToken({ claims: { iat: ago } });
  const all = await Promise.all(Array.from({ length: 20 }, () => push(chat, token)));
  expect(new Set(all.map(({ status }) => status))).toEqual(new Set([202]));
  await echoes(later);
});
