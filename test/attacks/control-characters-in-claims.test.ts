// SM-17: claims that would break out of a header, a log line or a key built from them.
import { expect, test } from 'vitest';
import { forwardHeaders } from '../../src/identity/forward.ts';
import { jwt } from '../../src/identity/jwt.ts';
import { bearing } from '../support/handshake.ts';
import { answerOf, identityContext, identityOf } from '../support/identity.ts';
import { claimsOf, jwtOptionsOf, keySetText, newSigner, tokenOf } from '../support/tokens.ts';

const signer = newSigner();
const claims = { subject: 'sub', tenant: 'org', roles: 'roles', tier: 'plan' };

const nasty = ['a\r\nX-Admin: 1', 'a\nb', 'a\rb', 'a\0b', 'a\x1b[2J', 'a\x7f', 'a\u0085b', 'a\u2028b', '\t'];

test.each(nasty)('%j', async (text) => {
  const identity = identityOf(
    jwt,
    jwtOptionsOf({ claims }),
    identityContext({ 'keys.json': keySetText(signer) }),
  );
  for (const changes of [
    { sub: text },
    { org: text },
    { roles: ['a', text] },
    { plan: text },
    { jti: text },
  ]) {
    const handshake = bearing(tokenOf(signer, claimsOf(changes)));
    expect(await answerOf(identity, handshake)).toBe('credential_invalid');
  }
  // And should one ever come this far, it is not written.
  const principal = { identity: 'staff', subject: text, roles: [text], claims: {} };
  expect(forwardHeaders({ subject: 'X-Subject' }, principal)).toMatchObject({ pass: false });
  expect(forwardHeaders({ roles: 'X-Roles' }, principal)).toMatchObject({ pass: false });
});

test('a role with a comma in it does not become two', async () => {
  const principal = { identity: 'staff', subject: 'ada', roles: ['guest, admin'], claims: {} };
  expect(forwardHeaders({ roles: 'X-Roles' }, principal)).toMatchObject({ pass: false });
});
