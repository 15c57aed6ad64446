// JW-10: tokens issued in the future, not yet valid, or so long ago that they cannot be meant.
import { expect, test } from 'vitest';
import { jwt } from '../../src/identity/jwt.ts';
import { bearing } from '../support/handshake.ts';
import { answerOf, identityContext, identityOf, principalOf } from '../support/identity.ts';
import { claimsOf, jwtOptionsOf, keySetText, newSigner, tokenOf } from '../support/tokens.ts';

const signer = newSigner();
const context = identityContext({ 'keys.json': keySetText(signer) });
const now = Math.floor(context.clock.now() / 1_000);
const identity = identityOf(jwt, jwtOptionsOf({ leeway: '5s', maxTokenAge: '1h' }), context);
const bearingClaims = (changes: Record<string, unknown>) =>
  bearing(tokenOf(signer, claimsOf({ exp: now + 900, ...changes })));

test.each([
  ['issued in the future', { iat: now + 6 }, 'credential_invalid'],
  ['issued within the leeway', { iat: now + 5 }, 'accepted'],
  ['not valid yet', { nbf: now + 6 }, 'credential_invalid'],
  ['valid within the leeway', { nbf: now + 5 }, 'accepted'],
  ['issued at no time', { iat: undefined }, 'credential_invalid'],
  ['issued at a text', { iat: String(now) }, 'credential_invalid'],
  ['valid from a text', { nbf: String(now) }, 'credential_invalid'],
  ['issued at the limit of its age', { iat: now - 3_600 }, 'accepted'],
  ['issued too long ago', { iat: now - 3_606 }, 'credential_expired'],
  ['issued ten years ago', { iat: now - 315_576_000 }, 'credential_expired'],
])('%s', async (_, changes, answer) => {
  expect(await answerOf(identity, bearingClaims(changes))).toBe(answer);
});

test('the session ends with the age of the token, though its expiry is later', async () => {
  const principal = await principalOf(identity, bearingClaims({ iat: now - 3_000, exp: now + 86_400 }));
  expect(principal.expiresAt).toBe((now + 600 + 5) * 1_000);
});
