// JW-02: the public key, which everyone has, used as the secret of an HMAC.
import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { jwt } from '../../src/identity/jwt.ts';
import { bearing } from '../support/handshake.ts';
import { answerOf, identityContext, identityOf } from '../support/identity.ts';
import { claimsOf, encode, jwtOptionsOf, keySetText, newRsaSigner } from '../support/tokens.ts';

const signer = newRsaSigner();
const forms = {
  'as PEM': signer.publicKey.export({ format: 'pem', type: 'spki' }),
  'as PEM, trimmed': signer.publicKey.export({ format: 'pem', type: 'spki' }).toString().trim(),
  'as DER': signer.publicKey.export({ format: 'der', type: 'spki' }),
  'as JWK': JSON.stringify(signer.jwk),
  'as its modulus': Buffer.from(signer.jwk.n as string, 'base64url'),
};

test.each(Object.entries(forms))('%s', async (_, secret) => {
  const identity = identityOf(jwt, jwtOptionsOf(), identityContext({ 'keys.json': keySetText(signer) }));
  const input = `${encode({ alg: 'HS256', typ: 'at+jwt', kid: signer.keyId })}.${encode(claimsOf())}`;
  const signature = createHmac('sha256', secret).update(input).digest('base64url');
  expect(await answerOf(identity, bearing(`${input}.${signature}`))).toBe('credential_invalid');
});

test('a configuration cannot mix secrets and public keys', () => {
  expect(jwt.options.safeParse(jwtOptionsOf({ algorithms: ['RS256', 'HS256'] })).success).toBe(false);
});
