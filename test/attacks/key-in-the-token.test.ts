// JW-05: a token that brings the key it is to be verified with.
import { expect, test } from 'vitest';
import { jwt } from '../../src/identity/jwt.ts';
import { bearing } from '../support/handshake.ts';
import { answerOf, identityContext, identityOf } from '../support/identity.ts';
import { claimsOf, jwtOptionsOf, keySetText, newSigner, tokenOf } from '../support/tokens.ts';

const signer = newSigner();
const attacker = newSigner();

test.each([
  ['under the id of a real key', { jwk: attacker.jwk }],
  ['under an id of its own', { jwk: attacker.jwk, kid: 'evil' }],
  ['under no id', { jwk: attacker.jwk, kid: undefined }],
  ['as a certificate', { x5c: ['MIIB'], x5t: 'AAAA' }],
])('%s', async (_, header) => {
  const context = identityContext({ 'keys.json': keySetText(signer) });
  const identity = identityOf(jwt, jwtOptionsOf(), context);
  const forged = tokenOf(attacker, claimsOf(), header);
  expect(await answerOf(identity, bearing(forged))).toBe('credential_invalid');
});
