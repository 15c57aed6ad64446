import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { listener, listeners } from './listener.ts';

const TLS = { certificates: [{ cert: 'a.pem', key: 'a.key' }] };
const problems = (value: unknown): string[] =>
  listener.safeParse(value).error?.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`) ?? [];

describe('listener options', () => {
  it('have safe defaults: an address and a certificate are enough', () => {
    expect(listener.parse({ address: '0.0.0.0:8443', tls: TLS })).toEqual({
      address: { host: '0.0.0.0', port: 8443 },
      tls: {
        ...TLS,
        minVersion: 'TLSv1.2',
        unknownNames: 'refuse',
        strictTransportSecurity: 730 * 86_400_000,
      },
      trustedProxies: [],
      proxyProtocol: false,
      limits: {
        connections: 20_000,
        handshakeTimeout: 10_000,
        perAddress: {
          connections: 100,
          handshakes: { count: 20, period: 1_000 },
          tickets: { count: 20, period: 1_000 },
          refreshes: { count: 20, period: 1_000 },
          events: { count: 50, period: 1_000 },
        },
        headerBytes: 16_384,
        headers: 100,
        targetBytes: 8_192,
        earlyData: 4_096,
      },
    });
  });

  it.each([
    ['127.0.0.1:0', '127.0.0.1', 0],
    ['[::1]:443', '::1', 443],
    ['localhost:8443', 'localhost', 8443],
  ])('read %s', (text, host, port) => {
    expect(listener.parse({ address: text, tls: TLS }).address).toEqual({ host, port });
  });

  it.each(['8443', ':8443', '::1:443', '[nonsense]:1', '0.0.0.0:65536', 'a b:1', ''])(
    'refuse the address %j',
    (text) => {
      expect(problems({ address: text, tls: TLS })[0]).toMatch(/^address: an address and a port/);
    },
  );

  it('refuse unknown keys at every level', () => {
    const value = { address: ':1', tls: { ...TLS, cipher: 'x' }, limits: { conections: 1 }, adress: '' };
    expect(problems({ ...value, address: '[::]:1' }).join()).toMatch(/cipher.*conections.*adress/s);
  });

  it('refuse a listener without a certificate, limits of nothing, and years of handshake', () => {
    expect(problems({ address: '[::]:1', tls: { certificates: [] } })).toHaveLength(1);
    expect(problems({ address: '[::]:1', tls: TLS, limits: { connections: 0 } })).toHaveLength(1);
    expect(problems({ address: '[::]:1', tls: TLS, limits: { handshakeTimeout: '1h' } })).toHaveLength(1);
  });

  it('refuse PROXY protocol that nobody is trusted to speak', () => {
    expect(problems({ address: '[::]:1', tls: TLS, proxyProtocol: true })[0]).toMatch(/trustedProxies/);
  });

  it('describe themselves as a JSON Schema', () => {
    expect(z.toJSONSchema(listeners, { io: 'input' })).toMatchObject({ type: 'object' });
  });
});
