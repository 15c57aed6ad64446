// JW-23: a token that is worth nothing without a proof (DPoP, RFC 9449), sent without one. The proof is not supported, so
// such a token is refused, not taken for a bearer token.
import { expect, test } from 'vitest';
import { jwt } from '../../src/identity/jwt.ts';
import { bearing, certificateOf } from '../support/handshake.ts';
import { answerOf, identityContext, identityOf } from '../support/identity.ts';
import { claimsOf, jwtOptionsOf, keySetText, newSigner, tokenOf } from '../support/tokens.ts';

const signer = newSigner();
const certificate = certificateOf();
const thumbprint = Buffer.from(certificate.fingerprint, 'hex').toString('base64url');

test.each([
  ['a key’s thumbprint', { jkt: 'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs' }],
  ['a key’s thumbprint beside the right certificate', { jkt: 'x', 'x5t#S256': thumbprint }],
  ['a key', { jwk: signer.jwk }],
  ['a key’s id', { kid: 'k1' }],
  ['nothing', {}],
  ['null', null],
  ['a text', 'x5t#S256'],
  ['a list', [thumbprint]],
  ['a thumbprint that is no text', { 'x5t#S256': 7 }],
])('bound to %s', async (_, cnf) => {
  const identity = identityOf(jwt, jwtOptionsOf(), identityContext({ 'keys.json': keySetText(signer) }));
  const handshake = bearing(tokenOf(signer, claimsOf({ cnf })), {
    certificate,
    headers: { dpop: 'eyJ0eXAiOiJkcG9wK2p3dCJ9.e30.AAAA' },
  });
  expect(await answerOf(identity, handshake)).toBe('credential_invalid');
});
