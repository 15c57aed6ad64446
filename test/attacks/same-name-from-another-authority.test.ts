// MT-12: the same common name from another authority of the bundle.
import { expect, test } from 'vitest';
import { certificate } from '../../src/identity/certificate.ts';
import { certificateOf, handshakeOf } from '../support/handshake.ts';
import { answerOf, identityOf } from '../support/identity.ts';

const options = { subject: 'subject.CN', issuer: { CN: 'Devices CA' } };

test.each([
  ['the authority that was named', { CN: ['Devices CA'] }, 'accepted'],
  ['another', { CN: ['Visitors CA'] }, 'not mine'],
  ['one that is called so in another field', { O: ['Devices CA'] }, 'not mine'],
  ['one in another case', { CN: ['devices ca'] }, 'not mine'],
  ['one with both names', { CN: ['Visitors CA', 'Devices CA'] }, 'not mine'],
])('%s', async (_, issuer, answer) => {
  const identity = identityOf(certificate, options);
  expect(await answerOf(identity, handshakeOf({ certificate: certificateOf({ issuer }) }))).toBe(answer);
});
