import { X509Certificate } from 'node:crypto';
import { expect, it } from 'vitest';
import { createDevelopmentCa } from '../edge/development-ca.ts';
import { checkIdentity } from './server-identity.ts';

const ca = await createDevelopmentCa();
const { cert } = await ca.issue({
  dns: ['chat.example', '*.wild.example'],
  ip: ['2001:db8::1', '192.0.2.1'],
});
const certificate = new X509Certificate(cert).toLegacyObject();

it.each(['chat.example', 'a.wild.example', '192.0.2.1', '2001:db8::1', '2001:DB8:0::0:1'])(
  'is for %s',
  (host) => {
    expect(checkIdentity(host, certificate)).toBeUndefined();
  },
);

it.each([
  'other.example',
  'wild.example',
  '192.0.2.2',
  '2001:db8::2',
  '::ffff:192.0.2.1',
  '[2001:db8::1]',
  '',
])('is not for "%s"', (host) => {
  expect(checkIdentity(host, certificate)).toMatchObject({ code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
});

it('does not take a common name for an address', async () => {
  const named = await ca.issue({ subject: 'CN=2001:db8::1' });
  const other = new X509Certificate(named.cert).toLegacyObject();
  expect(checkIdentity('2001:db8::1', other)).toBeInstanceOf(Error);
});
