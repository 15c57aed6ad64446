// TL-02 TL-03
import { expect, it } from 'vitest';
import { connectEdge, startEdge } from '../support/edge.ts';

const WEAK = 'ALL:COMPLEMENTOFALL:@SECLEVEL=0';

it.each([
  ['TLS 1.0', { minVersion: 'TLSv1', maxVersion: 'TLSv1' }],
  ['TLS 1.1', { minVersion: 'TLSv1', maxVersion: 'TLSv1.1' }],
] as const)('refuses %s with an alert', async (_, versions) => {
  const edge = await startEdge();
  await expect(connectEdge(edge, { ...versions, ciphers: WEAK })).rejects.toMatchObject({
    code: 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION',
  });
});

it.each([
  'AES128-GCM-SHA256',
  'AES128-SHA',
  'ECDHE-ECDSA-AES128-SHA',
  'ECDHE-ECDSA-AES128-SHA256',
  'ECDHE-ECDSA-AES128-CCM',
  'DHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-NULL-SHA',
  'AECDH-AES128-SHA',
  'PSK-AES128-GCM-SHA256',
])('refuses a client that speaks %s alone', async (ciphers) => {
  const edge = await startEdge();
  const options = { maxVersion: 'TLSv1.2' as const, ciphers: `${ciphers}:@SECLEVEL=0` };
  await expect(connectEdge(edge, options)).rejects.toThrow(/handshake failure|no ciphers available/);
});

it.each(['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256'])(
  'speaks %s',
  async (ciphers) => {
    const edge = await startEdge();
    const socket = await connectEdge(edge, { ciphers });
    expect(socket.getProtocol()).toBe('TLSv1.3');
  },
);

it.each(['ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-ECDSA-AES256-GCM-SHA384', 'ECDHE-ECDSA-CHACHA20-POLY1305'])(
  'speaks %s to TLS 1.2',
  async (ciphers) => {
    const edge = await startEdge();
    const socket = await connectEdge(edge, { ciphers, maxVersion: 'TLSv1.2' });
    expect(socket.getCipher().name).toBe(ciphers);
  },
);

it('speaks TLS 1.3 alone where the listener says so', async () => {
  const edge = await startEdge({ tls: { minVersion: 'TLSv1.3' } });
  await expect(connectEdge(edge, { maxVersion: 'TLSv1.2' })).rejects.toThrow(/protocol version/);
  await connectEdge(edge);
});
