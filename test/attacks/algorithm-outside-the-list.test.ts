// JW-03: a good signature by the right key with an algorithm that the configuration does not list.
import { constants, sign } from 'node:crypto';
import { expect, test } from 'vitest';
import { jwt } from '../../src/identity/jwt.ts';
import { bearing } from '../support/handshake.ts';
import { answerOf, identityContext, identityOf } from '../support/identity.ts';
import { claimsOf, encode, jwtOptionsOf, newRsaSigner, tokenOf } from '../support/tokens.ts';

const signer = newRsaSigner();
const { alg: _, ...untied } = signer.jwk;

function signedWithPss(): string {
  const input = `${encode({ alg: 'PS256', typ: 'at+jwt', kid: signer.keyId })}.${encode(claimsOf())}`;
  const key = { key: signer.privateKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 };
  return `${input}.${sign('sha256', Buffer.from(input), key).toString('base64url')}`;
}

function identityFor(key: object, algorithms: string[]) {
  const context = identityContext({ 'keys.json': JSON.stringify({ keys: [key] }) });
  return identityOf(jwt, jwtOptionsOf({ algorithms }), context);
}

test('a key without alg does not widen the list', async () => {
  expect(await answerOf(identityFor(untied, ['RS256']), bearing(signedWithPss()))).toBe('credential_invalid');
  expect(await answerOf(identityFor(untied, ['RS256']), bearing(tokenOf(signer)))).toBe('accepted');
  expect(await answerOf(identityFor(untied, ['PS256']), bearing(signedWithPss()))).toBe('accepted');
  expect(await answerOf(identityFor(untied, ['PS256']), bearing(tokenOf(signer)))).toBe('credential_invalid');
});

test('a key with alg serves that one alone, though the list has more', async () => {
  const identity = identityFor(signer.jwk, ['RS256', 'PS256']);
  expect(await answerOf(identity, bearing(tokenOf(signer)))).toBe('accepted');
  expect(await answerOf(identity, bearing(signedWithPss()))).toBe('credential_invalid');
});

test.each(['HS256', 'ES256K', 'RS384', 'constructor', '__proto__'])('%s in the header', async (alg) => {
  const identity = identityFor(untied, ['RS256']);
  expect(await answerOf(identity, bearing(tokenOf(signer, claimsOf(), { alg })))).toBe('credential_invalid');
});
