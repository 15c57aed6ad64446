// RS-08: more is missed than is kept: memory stays within its bound, and the client is told of the gap.
import { afterEach, expect, it } from 'vitest';
import { Chat } from '../support/chat.ts';
import { keeping, lose, resumingAs, upstreamSays } from '../support/resuming.ts';

let chat: Chat;

afterEach(() => chat.close());

const many = (count: number): string[] => Array.from({ length: count }, (_, i) => `${i} ${'x'.repeat(90)}`);

it('10,000 messages', async () => {
  chat = await Chat.open(keeping({ maxMessages: 1_000, maxBytes: '64KiB' }));
  const client = await resumingAs(chat);
  await lose(chat, client);
  await upstreamSays(chat, ...many(10_000));
  const { journals } = chat.gateway.gateway.parking;
  expect(journals.used).toBeGreaterThan(0);
  expect(journals.used).toBeLessThanOrEqual(65_536);
  expect(await chat.metric('sallyport_sessions_parked')).toBe(1);
  expect((await chat.ask('GET', '/sessions')).json().sessions).toMatchObject([{ parked: true }]);

  client.comeBack();
  await client.until(({ welcomes }) => welcomes.length === 2);
  expect(client.welcomes[1]).toMatchObject({ resumed: false, reason: 'gap', seen: 0, next: 1 });
  expect(client.received).toEqual([]);
  expect(await chat.upstream.peers[0]!.closed()).toMatchObject({ code: 1001 });
  expect(journals.used).toBe(0);
  expect(await chat.metric('sallyport_sessions_parked')).toBe(0);
  expect(await chat.metric('sallyport_resumptions_total', { outcome: 'gap' })).toBe(1);
});

it('as much as is kept is no gap', async () => {
  chat = await Chat.open(keeping({ maxMessages: 1_000 }));
  const client = await resumingAs(chat);
  await lose(chat, client);
  const said = many(1_000);
  await upstreamSays(chat, ...said);
  client.comeBack();
  await client.until(({ seen }) => seen === 1_000);
  expect(client.received).toEqual(said);
});

it('a new session takes the seat of the one that it lost', async () => {
  const limits = { perSubject: { connections: 1 } };
  chat = await Chat.open(keeping({ maxMessages: 1 }, { route: { limits } }));
  const client = await resumingAs(chat);
  for (let i = 0; i < 3; i++) {
    await lose(chat, client);
    if (i === 1) await upstreamSays(chat, 'one', 'two');
    client.comeBack();
    await client.until(({ welcomes }) => welcomes.length === i + 2);
  }
  expect(client.welcomes.map(({ reason, resumed }) => reason ?? resumed)).toEqual([false, true, 'gap', true]);
  expect(client.failures).toBe(0);
});
