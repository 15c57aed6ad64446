// JW-01: a token that says it needs no signature, or has none.
import { expect, test } from 'vitest';
import { jwt } from '../../src/identity/jwt.ts';
import { bearing } from '../support/handshake.ts';
import { answerOf, identityContext, identityOf } from '../support/identity.ts';
import { claimsOf, encode, jwtOptionsOf, keySetText, newSigner, tokenOf } from '../support/tokens.ts';

const signer = newSigner();
const context = identityContext({ 'keys.json': keySetText(signer) });

test.each(['none', 'None', 'nOnE', 'NONE', '', ' ES256', 'es256'])('alg %j', async (alg) => {
  const identity = identityOf(jwt, jwtOptionsOf(), context);
  const input = `${encode({ alg, typ: 'at+jwt', kid: 'k1' })}.${encode(claimsOf())}`;
  const [, , signature] = tokenOf(signer).split('.');
  expect(await answerOf(identity, bearing(`${input}.`))).toBe('credential_malformed');
  expect(await answerOf(identity, bearing(`${input}.${signature}`))).toBe('credential_invalid');
});

test('a good token whose signature is cut off, whole or in part', async () => {
  const identity = identityOf(jwt, jwtOptionsOf(), context);
  const token = tokenOf(signer);
  const input = token.slice(0, token.lastIndexOf('.'));
  expect(await answerOf(identity, bearing(input))).toBe('credential_malformed');
  expect(await answerOf(identity, bearing(`${input}.`))).toBe('credential_malformed');
  expect(await answerOf(identity, bearing(token.slice(0, -2)))).toBe('credential_invalid');
});
