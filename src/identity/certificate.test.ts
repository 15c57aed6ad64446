import { expect, test } from 'vitest';
import { certificateOf, handshakeOf } from '../../test/support/handshake.ts';
import { answerOf, identityOf, principalOf } from '../../test/support/identity.ts';
import { certificate } from './certificate.ts';

const devices = (changes: object = {}) => identityOf(certificate, { subject: 'san.uri', ...changes });

test('the holder is what the configured field says, and no longer than the certificate', async () => {
  const identity = devices({ tenant: 'subject.O', roles: 'subject.OU', tier: 'issuer.CN' });
  const shown = certificateOf({ subject: { CN: ['x'], O: ['Example'], OU: ['meter', 'fast'] } });
  const { claims, ...rest } = await principalOf(identity, handshakeOf({ certificate: shown }));
  expect(rest).toEqual({
    identity: 'staff',
    subject: 'urn:dev:CP_1',
    tenant: 'Example',
    roles: ['meter', 'fast'],
    tier: 'Devices CA',
    expiresAt: shown.notAfter,
    certificateSerial: shown.serial,
  });
  expect(claims).toMatchObject({ serial: shown.serial, fingerprint: shown.fingerprint, san: shown.san });
  expect(Object.isFrozen((claims.san as { uri: string[] }).uri)).toBe(true);
  expect(Object.isFrozen(shown.subject)).toBe(false);
});

test('no certificate is not its business', async () => {
  expect(await answerOf(devices(), handshakeOf())).toBe('not mine');
});

test('another issuer is not its business where one is named', async () => {
  const identity = devices({ issuer: { CN: 'Devices CA' } });
  expect(await answerOf(identity, handshakeOf({ certificate: certificateOf() }))).toBe('accepted');
  const same = certificateOf({ issuer: { CN: ['Other CA'] } });
  expect(await answerOf(identity, handshakeOf({ certificate: same }))).toBe('not mine');
  const two = certificateOf({ issuer: { CN: ['Devices CA', 'Other CA'] } });
  expect(await answerOf(identity, handshakeOf({ certificate: two }))).toBe('not mine');
});

test.each([
  ['without the field', { uri: [], dns: ['cp1.example'], email: [] }],
  ['with two of it', { uri: ['urn:dev:CP_1', 'urn:dev:CP_2'], dns: [], email: [] }],
  ['with a control character in it', { uri: ['urn:dev:CP_1\0.evil'], dns: [], email: [] }],
  ['with an empty one', { uri: [''], dns: [], email: [] }],
])('refuses a certificate %s', async (_, san) => {
  expect(await answerOf(devices(), handshakeOf({ certificate: certificateOf({ san }) }))).toBe(
    'credential_invalid',
  );
});

test('names that objects inherit are no fields', async () => {
  const identity = devices({ subject: 'subject.constructor' });
  expect(await answerOf(identity, handshakeOf({ certificate: certificateOf() }))).toBe('credential_invalid');
});

test.each(['san', 'san.ip', 'subject', 'cn', 'subject.', 'header.x'])('%s is no field', (subject) => {
  expect(certificate.options.safeParse({ subject }).success).toBe(false);
});
