// JW-18: one token in several texts. What is revoked is the token, so its id must not depend on the text of its signature.
import { expect, test } from 'vitest';
import { jwt } from '../../src/identity/jwt.ts';
import { bearing } from '../support/handshake.ts';
import { answerOf, identityContext, identityOf, principalOf } from '../support/identity.ts';
import { claimsOf, jwtOptionsOf, keySetText, newSigner, signatureOf, tokenOf } from '../support/tokens.ts';

const signer = newSigner();
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const identity = identityOf(jwt, jwtOptionsOf(), identityContext({ 'keys.json': keySetText(signer) }));

test('other tail bits of the last character are another text, and refused', async () => {
  const token = tokenOf(signer);
  // 64 bytes are 86 characters, of which the last has four bits to spare.
  const same = token.slice(0, -1) + String.fromCharCode(token.charCodeAt(token.length - 1) + 1);
  const bytes = (text: string) => Buffer.from(text.slice(text.lastIndexOf('.') + 1), 'base64url');
  expect(bytes(same).equals(bytes(token))).toBe(true);
  expect(await answerOf(identity, bearing(same))).toBe('credential_malformed');
});

test.each([
  ['with an id', 't-1'],
  ['without one', undefined],
])('the twin of an ECDSA signature (n - s), %s, is the same token under the same id', async (_, jti) => {
  const token = tokenOf(signer, claimsOf({ jti }));
  const input = token.slice(0, token.lastIndexOf('.'));
  const signature = signatureOf(signer, input);
  const s = BigInt(`0x${signature.subarray(32).toString('hex')}`);
  const twin = Buffer.from((ORDER - s).toString(16).padStart(64, '0'), 'hex');
  const other = `${input}.${Buffer.concat([signature.subarray(0, 32), twin]).toString('base64url')}`;
  const again = `${input}.${signature.toString('base64url')}`;
  const ids = await Promise.all(
    [token, other, again].map(async (text) => (await principalOf(identity, bearing(text))).tokenId),
  );
  expect(new Set([token, other, again]).size).toBe(3);
  expect(new Set(ids).size).toBe(1);
});
