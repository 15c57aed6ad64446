// AC-12: a token that one party uses for another (`act`, RFC 8693 §4.1): the subject counts, whatever the actor is.
import { expect, test } from 'vitest';
import { jwt } from '../../src/identity/jwt.ts';
import { bearing } from '../support/handshake.ts';
import { identityContext, identityOf, principalOf } from '../support/identity.ts';
import { claimsOf, jwtOptionsOf, keySetText, newSigner, tokenOf } from '../support/tokens.ts';

const signer = newSigner();

test('the actor lends the subject neither name nor roles', async () => {
  const identity = identityOf(
    jwt,
    jwtOptionsOf({ claims: { subject: 'sub', roles: 'roles' } }),
    identityContext({ 'keys.json': keySetText(signer) }),
  );
  const act = { sub: 'root', roles: ['admin'] };
  const token = tokenOf(signer, claimsOf({ roles: ['guest'], act }));
  const principal = await principalOf(identity, bearing(token));
  expect(principal).toMatchObject({ subject: 'ada', roles: ['guest'], claims: { act } });
});
