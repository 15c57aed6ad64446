// JW-17: a token of megabytes: refused by its length, before anything is decoded, hashed or verified.
import { expect, test } from 'vitest';
import { jwt } from '../../src/identity/jwt.ts';
import { bearing, handshakeOf } from '../support/handshake.ts';
import { identityContext, identityOf } from '../support/identity.ts';
import { claimsOf, jwtOptionsOf, keySetText, newSigner, tokenOf } from '../support/tokens.ts';

const signer = newSigner();
const options = jwtOptionsOf({ tokenFrom: ['header', 'subprotocol'], maxTokenBytes: '4KiB' });
const malformed = expect.objectContaining({ code: 'credential_malformed' });

test.each([
  ['two mebibytes that are no token', 'a'.repeat(2 * 1_048_576)],
  ['a good token of two mebibytes', tokenOf(signer, claimsOf({ pad: 'a'.repeat(2 * 1_048_576) }))],
  ['a good token just over the limit', tokenOf(signer, claimsOf({ pad: 'a'.repeat(3_000) }))],
  ['a million dots', '.'.repeat(1_000_000)],
])('%s', (_, token) => {
  const identity = identityOf(jwt, options, identityContext({ 'keys.json': keySetText(signer) }));
  // Answered at once, not with a promise: no signature was looked at.
  expect(identity.identify(bearing(token))).toEqual(malformed);
  expect(identity.identify(handshakeOf({ protocols: [`bearer.${token}`] }))).toEqual(malformed);
});

test('a header of more than 2,048 characters', () => {
  const identity = identityOf(jwt, options, identityContext({ 'keys.json': keySetText(signer) }));
  const token = tokenOf(signer, claimsOf(), { pad: 'a'.repeat(1_600) });
  expect(identity.identify(bearing(token))).toEqual(malformed);
});
