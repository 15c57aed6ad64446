// AX-07: an event token from the future, from long ago, or from no time at all.
import { afterEach, expect, it } from 'vitest';
import { type Chat, echoes } from '../support/chat.ts';
import { CAEP, earlier, eventToken, openWithSignals, push } from '../support/signals.ts';

let chat: Chat;

afterEach(() => chat.close());

const now = () => Math.floor(Date.now() / 1_000);

it.each([
  ['a minute ahead', () => now() + 60],
  ['a year ahead', () => now() + 31_536_000],
  ['two days old', () => now() - 172_800],
  ['of no time', () => undefined],
  ['of a time that is none', () => 'today'],
  ['of a time before all', () => -1],
])('%s ends nothing', async (_when, iat) => {
  chat = await openWithSignals();
  const ada = await chat.join(earlier());
  const token = eventToken({ claims: { iat: iat() } });
  expect(await push(chat, token)).toMatchObject({ status: 400, body: { err: 'invalid_request' } });
  await echoes(ada);
});

it('cannot refuse tokens that are still to be issued', async () => {
  chat = await openWithSignals({ leeway: '0s' });
  const events = { [`${CAEP}session-revoked`]: { event_timestamp: now() + 31_536_000 } };
  expect((await push(chat, eventToken({ claims: { events } }))).status).toBe(202);
  const begun = now();
  while (now() === begun) await new Promise((resolve) => setImmediate(resolve));
  expect(await chat.knock({ iat: now() })).toBe('in');
});

it.each([['soon'], [null], [-5], [1e300]])('with an event of the time %j ends nothing', async (stamp) => {
  chat = await openWithSignals();
  const ada = await chat.join(earlier());
  const events = { [`${CAEP}session-revoked`]: { event_timestamp: stamp } };
  const token = eventToken({ claims: { events } });
  expect(await push(chat, token)).toMatchObject({ status: 400, body: { err: 'invalid_request' } });
  await echoes(ada);
});
