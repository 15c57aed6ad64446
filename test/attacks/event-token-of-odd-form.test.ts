// AX-07: an event token that is good but for the form of what it says.
import { afterEach, expect, it } from 'vitest';
import { type Chat, echoes } from '../support/chat.ts';
import { CAEP, earlier, eventToken, openWithSignals, push, RISC, user } from '../support/signals.ts';
import { ISSUER } from '../support/tokens.ts';

let chat: Chat;

afterEach(() => chat.close());

const REVOKED = `${CAEP}session-revoked`;

it.each([
  ['no events', { events: undefined }],
  ['an empty object of events', { events: {} }],
  ['a list of events', { events: [REVOKED] }],
  ['an event that is no object', { events: { [REVOKED]: true } }],
  ['one good event and one that is none', { events: { [REVOKED]: {}, [`${RISC}account-disabled`]: [] } }],
  ['nine events', { events: Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`urn:${i}`, {}])) }],
  ['no id', { jti: undefined }],
  ['an id that is no text', { jti: 7 }],
  ['an id that breaks lines', { jti: 'a\nb' }],
  ['no subject', { sub_id: undefined }],
  ['a subject that is a text', { sub_id: 'ada' }],
  ['a subject without a format', { sub_id: { iss: ISSUER, sub: 'ada' } }],
  ['a user who is no text', { sub_id: { format: 'iss_sub', iss: ISSUER, sub: ['ada'] } }],
  ['a complex subject of nothing', { sub_id: { format: 'complex' } }],
  ['a complex subject within another', { sub_id: { format: 'complex', user: [user('ada')] } }],
  [
    'a tenant without a name',
    { sub_id: { format: 'complex', user: user('ada'), tenant: { format: 'opaque' } } },
  ],
])('with %s ends nothing', async (_what, claims) => {
  chat = await openWithSignals();
  const ada = await chat.join(earlier());
  const token = eventToken({ claims });
  expect(await push(chat, token)).toMatchObject({ status: 400, body: { err: 'invalid_request' } });
  await echoes(ada);
});

it.each([[''], ['a.b'], ['a.b.c'], ['{}'], ['null'], ['.'.repeat(3)]])(
  'that is %j ends nothing',
  async (token) => {
    chat = await openWithSignals();
    expect(await push(chat, token)).toMatchObject({ status: 400, body: { err: 'invalid_request' } });
  },
);
