// HS-42: the session cookie twice: a sibling domain may have planted one, and nobody can say which.
import { expect, test } from 'vitest';
import { jwt } from '../../src/identity/jwt.ts';
import { handshakeOf } from '../support/handshake.ts';
import { answerOf, identityContext, identityOf } from '../support/identity.ts';
import { claimsOf, jwtOptionsOf, keySetText, newSigner, tokenOf } from '../support/tokens.ts';

const signer = newSigner();
const mine = tokenOf(signer);
const planted = tokenOf(signer, claimsOf({ sub: 'eve' }));

test.each([
  ['once', `a=b; session=${mine}`, 'accepted'],
  ['twice', `session=${mine}; session=${planted}`, 'credential_malformed'],
  ['twice, apart', `session=${planted}; a=b; session=${mine}`, 'credential_malformed'],
  ['twice, the same', `session=${mine};session=${mine}`, 'credential_malformed'],
  ['twice, once empty', `session=; session=${mine}`, 'credential_malformed'],
  ['among five hundred others', `${'a=b; '.repeat(500)}session=${mine}`, 'accepted'],
])('%s', async (_, cookie, answer) => {
  const options = jwtOptionsOf({ tokenFrom: ['cookie:session'] });
  const identity = identityOf(jwt, options, identityContext({ 'keys.json': keySetText(signer) }));
  expect(await answerOf(identity, handshakeOf({ headers: { cookie } }))).toBe(answer);
  // The route must then name its origins.
  expect(identity.readsCookie).toBe(true);
});
