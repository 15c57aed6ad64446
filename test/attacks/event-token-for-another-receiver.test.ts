// AX-07: an event token that was meant for somebody else, who may have passed it on.
import { afterEach, expect, it } from 'vitest';
import { type Chat, echoes } from '../support/chat.ts';
import { earlier, eventToken, openWithSignals, push, RECEIVER } from '../support/signals.ts';

let chat: Chat;

afterEach(() => chat.close());

it.each([
  ['another', 'https://elsewhere.example.com'],
  ['nobody', undefined],
  ['several others', ['https://a.example.com', 'https://b.example.com']],
  ['a part of our name', RECEIVER.slice(0, -1)],
  ['what is no text', { [RECEIVER]: true }],
])('for %s ends nothing', async (_whom, aud) => {
  chat = await openWithSignals();
  const ada = await chat.join(earlier());
  const { status, headers, body } = await push(chat, eventToken({ claims: { aud } }));
  expect([status, body]).toEqual([400, { err: 'invalid_audience', description: expect.any(String) }]);
  expect(headers).toMatchObject({ 'content-type': 'application/json', 'content-language': 'en' });
  await echoes(ada);
});
