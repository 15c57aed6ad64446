// JW-11: a token that was made for another service of the same issuer.
import { expect, test } from 'vitest';
import { jwt } from '../../src/identity/jwt.ts';
import { bearing } from '../support/handshake.ts';
import { answerOf, identityContext, identityOf } from '../support/identity.ts';
import { claimsOf, jwtOptionsOf, keySetText, newSigner, tokenOf } from '../support/tokens.ts';

const signer = newSigner();
const context = identityContext({ 'keys.json': keySetText(signer) });

test.each([
  ['missing', undefined, 'credential_invalid'],
  ['another', 'billing', 'credential_invalid'],
  ['a list with ours', ['billing', 'chat'], 'accepted'],
  ['a list without', ['billing', 'chats'], 'credential_invalid'],
  ['an empty list', [], 'credential_invalid'],
  ['one that starts with ours', 'chat-admin', 'credential_invalid'],
  ['one that ours starts with', 'cha', 'credential_invalid'],
  ['another case', 'Chat', 'credential_invalid'],
  ['a list in a list', [['chat']], 'credential_invalid'],
  ['an object', { 0: 'chat' }, 'credential_invalid'],
])('%s', async (_, aud, answer) => {
  const identity = identityOf(jwt, jwtOptionsOf(), context);
  expect(await answerOf(identity, bearing(tokenOf(signer, claimsOf({ aud }))))).toBe(answer);
});

test('each of several audiences of the configuration will do', async () => {
  const identity = identityOf(jwt, jwtOptionsOf({ audience: ['chat', 'chat-beta'] }), context);
  const answerTo = (aud: string) => answerOf(identity, bearing(tokenOf(signer, claimsOf({ aud }))));
  expect(await answerTo('chat-beta')).toBe('accepted');
  expect(await answerTo('chat,chat-beta')).toBe('credential_invalid');
});
