// AC-01: connecting at the path of one station with the credentials of another.
import { beforeAll, describe, expect, test } from 'vitest';
import { basic } from '../../src/identity/basic.ts';
import { certificate } from '../../src/identity/certificate.ts';
import { jwt } from '../../src/identity/jwt.ts';
import { hashSecret } from '../../src/identity/secret-hash.ts';
import type { Handshake } from '../../src/pipeline/handshake.ts';
import type { Identity } from '../../src/pipeline/identity.ts';
import { certificateOf, handshakeOf } from '../support/handshake.ts';
import { answerOf, identityContext, identityOf } from '../support/identity.ts';
import { claimsOf, jwtOptionsOf, keySetText, newSigner, tokenOf } from '../support/tokens.ts';

const signer = newSigner();
let file: string;

beforeAll(async () => {
  file = `CP_1:${await hashSecret('one', 10)}\nCP_2:${await hashSecret('two', 10)}`;
});

interface Proof {
  readonly kind: string;
  make(): Identity;
  /** CP_2, as it proves itself at a path. */
  at(path: string): Handshake;
}

const proofs: Proof[] = [
  {
    kind: 'a password',
    make: () => identityOf(basic, { file: 'stations', matchPath: true }, identityContext({ stations: file })),
    at: (path) => handshakeOf({ path, headers: { authorization: `Basic ${btoa('CP_2:two')}` } }),
  },
  {
    kind: 'a certificate',
    make: () => identityOf(certificate, { subject: 'subject.CN', matchPath: true }),
    at: (path) => handshakeOf({ path, certificate: certificateOf({ subject: { CN: ['CP_2'] } }) }),
  },
  {
    kind: 'a token',
    make: () =>
      identityOf(
        jwt,
        jwtOptionsOf({ matchPath: true }),
        identityContext({ 'keys.json': keySetText(signer) }),
      ),
    at: (path) => {
      const token = tokenOf(signer, claimsOf({ sub: 'CP_2' }));
      return handshakeOf({ path, headers: { authorization: `Bearer ${token}` } });
    },
  },
];

describe.each(proofs)('with $kind', ({ make, at }) => {
  test.each(['/ocpp/CP_2', '/CP_2', '/ocpp/%43P_2'])('%s is its own', async (path) => {
    expect(await answerOf(make(), at(path))).toBe('accepted');
  });

  test.each([
    '/ocpp/CP_1',
    '/ocpp/cp_2',
    '/ocpp/CP_2/',
    '/ocpp/CP_2/x',
    '/ocpp/CP_22',
    '/ocpp/XCP_2',
    '/ocpp/CP_2%00',
    '/ocpp/CP_1%2fCP_2',
    '/ocpp/%ff',
    '/ocpp/',
    '/',
  ])('%s is not', async (path) => {
    expect(await answerOf(make(), at(path))).toBe('identity_mismatch');
  });
});
