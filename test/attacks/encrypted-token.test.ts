// JW-19, JW-20: encrypted tokens, which may inflate without end or ask for two billion rounds of PBKDF2.
import { expect, test } from 'vitest';
import { jwt } from '../../src/identity/jwt.ts';
import { bearing } from '../support/handshake.ts';
import { identityContext, identityOf } from '../support/identity.ts';
import { encode, jwtOptionsOf, keySetText, newSigner, tokenOf } from '../support/tokens.ts';

const signer = newSigner();

test.each([
  ['that inflates', { alg: 'dir', enc: 'A256GCM', zip: 'DEF' }],
  ['with a bomb of rounds', { alg: 'PBES2-HS256+A128KW', enc: 'A128GCM', p2c: 2_147_483_647, p2s: 'AAAA' }],
  ['to our public key', { alg: 'ECDH-ES', enc: 'A256GCM', kid: 'k1' }],
])('a token %s is refused by its shape alone', (_, header) => {
  const identity = identityOf(jwt, jwtOptionsOf(), identityContext({ 'keys.json': keySetText(signer) }));
  const refused = { pass: false, code: 'credential_malformed' };
  expect(identity.identify(bearing(`${encode(header)}.AAAA.AAAA.AAAA.AAAA`))).toMatchObject(refused);
});

test('an encryption algorithm in a signed token is not of the list', () => {
  const identity = identityOf(jwt, jwtOptionsOf(), identityContext({ 'keys.json': keySetText(signer) }));
  const header = { alg: 'PBES2-HS256+A128KW', enc: 'A128GCM', p2c: 2_147_483_647, typ: 'at+jwt' };
  expect(identity.identify(bearing(tokenOf(signer, {}, header)))).toMatchObject({
    code: 'credential_invalid',
  });
});
