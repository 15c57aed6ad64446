// OP-04: a session that throws while it begins, when the 101 is written: it costs this connection, and no other.
import { afterEach, expect, it, vi } from 'vitest';
import { Registry } from '../../src/session/registry.ts';
import { Chat, echoes } from '../support/chat.ts';

let chat: Chat;

afterEach(async () => {
  vi.restoreAllMocks();
  await chat.close();
});

it.each([
  ['before it is known', false],
  ['after it is known', true],
])('%s', async (_name, known) => {
  chat = await Chat.open({ route: { limits: { perSubject: { connections: 1 } } } });
  const other = await chat.join({ sub: 'bob' });
  const { add } = Registry.prototype;
  vi.spyOn(Registry.prototype, 'add').mockImplementationOnce(function (this: Registry, session) {
    if (known) add.call(this, session);
    throw new TypeError('broken');
  });
  const peer = await chat.join();
  expect(await peer.closed()).toMatchObject({ code: 1006 });
  expect(peer.received).toEqual([]); // nothing of HTTP behind a 101
  expect(await chat.gateway.logged('gateway.fault')).toMatchObject({ where: 'session', route: 'chat' });
  await vi.waitFor(() => expect(chat.upstream.open).toBe(1), 8_000);
  const { presence } = chat.gateway.gateway.services;
  await vi.waitFor(() => expect(presence.count('subject', 'chat', 'ada')).toBe(0), 8_000);
  expect(presence.count('subject', 'chat', 'bob')).toBe(1); // given back once, and only its own
  expect(presence.count('route', 'chat', '')).toBe(1);
  expect(await chat.knock()).toBe('in');
  await echoes(other);
});
