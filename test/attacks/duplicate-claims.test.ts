// JW-15: a member twice, which one parser reads as the first and another as the last; and what is no object at all.
import { expect, test } from 'vitest';
import { jwt } from '../../src/identity/jwt.ts';
import { bearing } from '../support/handshake.ts';
import { answerOf, identityContext, identityOf } from '../support/identity.ts';
import { claimsOf, jwtOptionsOf, keySetText, newSigner, tokenOf } from '../support/tokens.ts';

const signer = newSigner();
const identity = identityOf(jwt, jwtOptionsOf(), identityContext({ 'keys.json': keySetText(signer) }));
const claims = JSON.stringify(claimsOf({ nested: { a: 1 } }));
const header = JSON.stringify({ alg: 'ES256', typ: 'at+jwt', kid: 'k1' });

test('the same text without the trick is accepted', async () => {
  expect(await answerOf(identity, bearing(tokenOf(signer, claims, header)))).toBe('accepted');
});

test.each([
  ['the subject twice', claims.replace('{', '{"sub":"root",')],
  ['the subject twice, once escaped', claims.replace('{', '{"s\\u0075b":"root",')],
  ['the expiry twice', claims.replace('{', '{"exp":1,')],
  ['a nested member twice', claims.replace('{"a":1}', '{"a":1,"a":2}')],
  ['a list', `[${claims}]`],
  ['a text', JSON.stringify(claims)],
  ['null', 'null'],
  ['nothing', ' '],
  ['half an object', claims.slice(0, -1)],
  ['two objects', claims + claims],
  ['a byte order mark', `\ufeff${claims}`],
  ['a comment', claims.replace('{', '{/**/')],
])('claims: %s', async (_, text) => {
  expect(await answerOf(identity, bearing(tokenOf(signer, text, header)))).toBe('credential_malformed');
});

test.each([
  ['the algorithm twice', header.replace('{', '{"alg":"none",')],
  ['the type twice', header.replace('{', '{"typ":"JWT",')],
  ['a list', `[${header}]`],
  ['no JSON', 'ES256'],
])('header: %s', async (_, text) => {
  expect(await answerOf(identity, bearing(tokenOf(signer, claims, text)))).toBe('credential_malformed');
});
