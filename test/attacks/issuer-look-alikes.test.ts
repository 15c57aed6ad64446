// JW-13: issuers that are nearly ours, and keys of one issuer under the name of another.
import { expect, test } from 'vitest';
import { jwt } from '../../src/identity/jwt.ts';
import { identify } from '../../src/pipeline/identify.ts';
import { bearing } from '../support/handshake.ts';
import { answerOf, identityContext, identityOf } from '../support/identity.ts';
import {
  claimsOf,
  ISSUER,
  jwtOptionsOf,
  keySetText,
  newEdSigner,
  newSigner,
  tokenOf,
} from '../support/tokens.ts';

const ours = newSigner('a');
const theirs = newSigner('b');
const OTHER = 'https://id.example.com/tenant-b';
const context = identityContext({ 'a.json': keySetText(ours), 'b.json': keySetText(theirs) });
const staff = identityOf(jwt, jwtOptionsOf({ jwks: 'a.json' }), context);
const partners = identityOf(jwt, jwtOptionsOf({ jwks: 'b.json', issuer: OTHER }), context);
const both = [
  { name: 'staff', identity: staff },
  { name: 'partners', identity: partners },
];

test.each([
  `${ISSUER}/`,
  ISSUER.replace('https', 'http'),
  ISSUER.toUpperCase(),
  `${ISSUER}.evil.example`,
  ` ${ISSUER}`,
  `${ISSUER}\0`,
  '',
])('%j, signed by our own key, is nobody’s', async (iss) => {
  const handshake = bearing(tokenOf(ours, claimsOf({ iss })));
  expect(await answerOf(staff, handshake)).toBe('not mine');
  expect(await identify(both, handshake, context.services)).toMatchObject({ code: 'credential_missing' });
});

test.each([undefined, null, 7, [ISSUER], { iss: ISSUER }])('an issuer of %j is refused', async (iss) => {
  expect(await answerOf(staff, bearing(tokenOf(ours, claimsOf({ iss }))))).toBe('credential_invalid');
});

test.each([
  ['their key in our name', ISSUER, theirs, {}],
  ['our key in their name', OTHER, ours, {}],
  ['their key under our id', ISSUER, theirs, { kid: 'a' }],
])('%s is refused', async (_, iss, signer, header) => {
  const handshake = bearing(tokenOf(signer, claimsOf({ iss }), header));
  expect(await identify(both, handshake, context.services)).toMatchObject({ code: 'credential_invalid' });
});

test('each issuer’s own token is accepted by its own identity', async () => {
  const token = tokenOf(theirs, claimsOf({ iss: OTHER }));
  expect(await answerOf(staff, bearing(token))).toBe('not mine');
  expect(await answerOf(partners, bearing(token))).toBe('accepted');
});

// Else one issuer's users would be turned away, and their addresses counted as hostile, by what another one is asked for.
test('its algorithm and type are judged by its own identity alone', async () => {
  const keys = identityContext({ 'keys.json': keySetText(newEdSigner()) });
  const picky = identityOf(jwt, jwtOptionsOf({ algorithms: ['EdDSA'], badTokens: '1/h' }), keys);
  const token = tokenOf(theirs, claimsOf({ iss: OTHER }), { typ: 'other+jwt' });
  for (let i = 0; i < 3; i++) expect(await answerOf(picky, bearing(token))).toBe('not mine');
});
