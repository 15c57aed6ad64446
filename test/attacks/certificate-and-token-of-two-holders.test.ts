// MT-17: the certificate of one holder and the token of another on one connection.
import { expect, test } from 'vitest';
import { jwt } from '../../src/identity/jwt.ts';
import { bearing, certificateOf } from '../support/handshake.ts';
import { answerOf, identityContext, identityOf } from '../support/identity.ts';
import { jwtOptionsOf, keySetText, newSigner, tokenOf } from '../support/tokens.ts';

const signer = newSigner();
const named = (...CN: string[]) => certificateOf({ subject: { CN } });

test.each([
  ['the same', named('ada'), 'accepted'],
  ['another', named('eve'), 'identity_mismatch'],
  ['both', named('ada', 'eve'), 'identity_mismatch'],
  ['none', named(), 'identity_mismatch'],
])('%s', async (_, certificate, answer) => {
  const options = jwtOptionsOf({ certificateSubject: 'subject.CN' });
  const identity = identityOf(jwt, options, identityContext({ 'keys.json': keySetText(signer) }));
  const token = tokenOf(signer);
  for (let i = 0; i < 2; i++) expect(await answerOf(identity, bearing(token, { certificate }))).toBe(answer);
  expect(await answerOf(identity, bearing(token))).toBe('accepted');
});
