// AX-07: one transmitter speaks for itself alone: not in another's name, not with another's key, not of another's users.
import { afterEach, expect, it } from 'vitest';
import { type Chat, echoes } from '../support/chat.ts';
import {
  earlier,
  eventToken,
  openWithSignals,
  push,
  transmitter,
  transmitterConfig,
  user,
} from '../support/signals.ts';
import { keySetText, newSigner } from '../support/tokens.ts';

let chat: Chat;

afterEach(() => chat.close());

const OTHER = 'https://other.example.com';
const other = newSigner('o1');

/** A second transmitter, as good as the first, for identities of its own. */
async function openWithTwo(): Promise<Chat> {
  return openWithSignals(
    {},
    {
      config: {
        signals: {
          idp: transmitterConfig(),
          other: transmitterConfig({
            issuer: OTHER,
            jwks: 'other.json',
            subjects: { identities: ['visitors'] },
          }),
        },
      },
      files: { 'transmitter.json': keySetText(transmitter), 'other.json': keySetText(other) },
    },
  );
}

it.each([
  ['an issuer whom nobody knows', { claims: { iss: 'https://nobody.example.com' } }, 'invalid_issuer'],
  ['no issuer', { claims: { iss: undefined } }, 'invalid_request'],
  ['two issuers', { claims: { iss: ['https://id.example.com', OTHER] } }, 'invalid_request'],
  ['the key of another', { signer: other }, 'invalid_key'],
  ['the key of another, by our id', { signer: other, header: { kid: 't1' } }, 'invalid_key'],
  ['the name of another', { claims: { iss: OTHER } }, 'invalid_key'],
])('that has %s ends nothing', async (_what, changes, err) => {
  chat = await openWithTwo();
  const ada = await chat.join(earlier());
  expect(await push(chat, eventToken(changes))).toMatchObject({ status: 400, body: { err } });
  await echoes(ada);
});

it.each([
  ['by its own identifiers', user('ada', OTHER)],
  ['by those of the other', user('ada')],
])('does not speak of the users of another: %s', async (_how, sub_id) => {
  chat = await openWithTwo();
  const ada = await chat.join(earlier());
  const token = eventToken({ signer: other, claims: { iss: OTHER, sub_id } });
  expect((await push(chat, token)).status).toBe(202);
  await echoes(ada);
  expect(await chat.knock(earlier())).toBe('in');
});
