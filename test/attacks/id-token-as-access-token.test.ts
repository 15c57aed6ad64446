// JW-12: a token that the same issuer signed for another purpose: ID, refresh, log-out, event.
import { expect, test } from 'vitest';
import { jwt } from '../../src/identity/jwt.ts';
import { bearing } from '../support/handshake.ts';
import { answerOf, identityContext, identityOf } from '../support/identity.ts';
import { claimsOf, jwtOptionsOf, keySetText, newSigner, tokenOf } from '../support/tokens.ts';

const signer = newSigner();
const context = identityContext({ 'keys.json': keySetText(signer) });
const answerTo = (options: object, claims: object, header: Record<string, unknown> = {}) =>
  answerOf(identityOf(jwt, jwtOptionsOf(options), context), bearing(tokenOf(signer, claims, header)));

test.each([
  undefined,
  'JWT',
  'jwt',
  'id+jwt',
  'secevent+jwt',
  'logout+jwt',
  'dpop+jwt',
  'at+jwt ',
  '',
  7,
  null,
])('typ %j where at+jwt is required', async (typ) => {
  expect(await answerTo({}, claimsOf(), { typ })).toBe('credential_invalid');
});

test.each(['at+jwt', 'AT+JWT', 'application/at+jwt'])('typ %j is at+jwt', async (typ) => {
  expect(await answerTo({}, claimsOf(), { typ })).toBe('accepted');
});

test.each([
  ['an ID token, by its hashes', { at_hash: 'MTIzNDU2Nzg5MDEyMzQ1Ng', nonce: 'n' }],
  ['an ID token of the hybrid flow', { c_hash: 'MTIzNDU2Nzg5MDEyMzQ1Ng' }],
  ['an ID token of Keycloak', { typ: 'ID' }],
  ['a refresh token of Keycloak', { typ: 'Refresh' }],
  ['an offline token of Keycloak', { typ: 'Offline' }],
  ['an ID token of Cognito', { token_use: 'id' }],
  ['a log-out token', { events: { 'http://schemas.openid.net/event/backchannel-logout': {} } }],
])('%s is none, however lenient the type', async (_, changes) => {
  for (const type of ['JWT', 'dangerously-any']) {
    expect(await answerTo({ type }, claimsOf(changes), { typ: 'JWT' })).toBe('credential_invalid');
  }
});

test('a bearer token of Keycloak is one where JWT is accepted', async () => {
  expect(await answerTo({ type: 'JWT' }, claimsOf({ typ: 'Bearer' }), { typ: 'JWT' })).toBe('accepted');
});
