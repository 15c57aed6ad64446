// JW-24: a token stolen from the holder of a client certificate (RFC 8705 §3), used with another one or with none.
import { expect, test } from 'vitest';
import { jwt } from '../../src/identity/jwt.ts';
import { bearing, certificateOf } from '../support/handshake.ts';
import { answerOf, identityContext, identityOf, principalOf } from '../support/identity.ts';
import { claimsOf, jwtOptionsOf, keySetText, newSigner, tokenOf } from '../support/tokens.ts';

const signer = newSigner();
const holder = certificateOf({ notAfter: Date.now() + 60_000 });
const thief = certificateOf({ fingerprint: 'cd'.repeat(32) });
const cnf = { 'x5t#S256': Buffer.from(holder.fingerprint, 'hex').toString('base64url') };
const token = tokenOf(signer, claimsOf({ cnf }));

test('only with its own certificate, the first time and when it was seen before', async () => {
  const identity = identityOf(jwt, jwtOptionsOf(), identityContext({ 'keys.json': keySetText(signer) }));
  for (let i = 0; i < 2; i++) {
    expect(await answerOf(identity, bearing(token))).toBe('credential_invalid');
    expect(await answerOf(identity, bearing(token, { certificate: thief }))).toBe('credential_invalid');
    expect(await answerOf(identity, bearing(token, { certificate: holder }))).toBe('accepted');
  }
});

test('the session ends with whichever runs out first, and is found by the serial number', async () => {
  const identity = identityOf(jwt, jwtOptionsOf(), identityContext({ 'keys.json': keySetText(signer) }));
  const principal = await principalOf(identity, bearing(token, { certificate: holder }));
  expect(principal).toMatchObject({ expiresAt: holder.notAfter, certificateSerial: holder.serial });
});
