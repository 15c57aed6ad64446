// JW-14: a header that must be understood and is not (RFC 7515 §4.1.11).
import { expect, test } from 'vitest';
import { jwt } from '../../src/identity/jwt.ts';
import { bearing } from '../support/handshake.ts';
import { answerOf, identityContext, identityOf } from '../support/identity.ts';
import { claimsOf, jwtOptionsOf, keySetText, newSigner, tokenOf } from '../support/tokens.ts';

const signer = newSigner();

test.each([
  ['unknown', { crit: ['x'], x: 1 }],
  ['named and absent', { crit: ['x'] }],
  ['empty', { crit: [] }],
  ['a text', { crit: 'exp' }],
  ['null', { crit: null }],
  ['a registered name', { crit: ['alg'] }],
  ['an unencoded payload (RFC 7797)', { crit: ['b64'], b64: false }],
  ['an unencoded payload, not said to be critical', { b64: false }],
])('%s', async (_, header) => {
  const identity = identityOf(jwt, jwtOptionsOf(), identityContext({ 'keys.json': keySetText(signer) }));
  const handshake = bearing(tokenOf(signer, claimsOf(), header));
  expect(await answerOf(identity, handshake)).toBe('credential_invalid');
});
