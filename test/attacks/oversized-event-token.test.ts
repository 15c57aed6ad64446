// AX-07: an event token that is larger than any event, or that says to be something else.
import { afterEach, expect, it } from 'vitest';
import { type Chat, echoes } from '../support/chat.ts';
import { earlier, eventToken, openWithSignals, push } from '../support/signals.ts';

let chat: Chat;

afterEach(() => chat.close());

it('is not read to its end', async () => {
  chat = await openWithSignals();
  const ada = await chat.join(earlier());
  const token = eventToken({ claims: { padding: 'x'.repeat(40_000) } });
  expect((await push(chat, token)).status).toBe(413);
  await echoes(ada);
});

it.each([['application/jwt'], ['application/json'], ['application/secevent+jwt2'], [null]])(
  'is not read as %s',
  async (type) => {
    chat = await openWithSignals();
    const ada = await chat.join(earlier());
    expect((await push(chat, eventToken(), { 'Content-Type': type })).status).toBe(415);
    await echoes(ada);
  },
);

it('is not read where it is compressed', async () => {
  chat = await openWithSignals();
  expect((await push(chat, eventToken(), { 'Content-Encoding': 'gzip' })).status).toBe(415);
});
