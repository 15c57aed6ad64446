// RS-01: whoever shows the resume token of another is refused, on record, and neither gets a message nor harms the session.
import { afterEach, expect, it } from 'vitest';
import { Chat } from '../support/chat.ts';
import { claiming, keeping, lose, resumingAs, upstreamSays } from '../support/resuming.ts';

let chat: Chat;

afterEach(() => chat.close());

const ada = { sub: 'ada', org: 'acme' };
const PAGE = { Origin: 'https://app.test' };

it.each([
  ['subject', { ...ada, sub: 'bob' }, PAGE],
  ['tenant', { ...ada, org: 'globex' }, PAGE],
  ['tenant', { sub: 'ada' }, PAGE],
  ['origin', ada, { Origin: 'https://evil.test' }],
  ['identity', ada, { ...PAGE, Authorization: '' }],
])('another %s', async (what, claims, headers) => {
  chat = await Chat.open(keeping({}, { route: { identify: ['staff', 'visitors'] } }));
  const client = await resumingAs(chat, ada, { headers: PAGE });
  await lose(chat, client);
  await upstreamSays(chat, 'a secret');
  const { token = '', seen } = client;

  expect(await claiming(chat, claims, { token, seen }, headers)).toMatchObject({ status: 403 });
  expect(chat.named('upgrade.refused')).toMatchObject([
    { code: 'resume_denied', reason: `of another ${what}` },
  ]);
  expect(chat.named('session.resume_refused')).toMatchObject([{ reason: 'denied' }]);
  expect(JSON.stringify(chat.log)).not.toContain(token);

  client.comeBack();
  await client.until(({ received }) => received.length > 0);
  expect(client.received).toEqual(['a secret']);
  expect(client.welcomes.map(({ resumed }) => resumed)).toEqual([false, true]);
});
