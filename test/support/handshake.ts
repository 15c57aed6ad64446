import type { ClientCertificate, Handshake } from '../../src/pipeline/handshake.ts';

/** What a test says of a handshake; everything else is that of an ordinary client. */
export interface HandshakeParts extends Partial<Omit<Handshake, 'headers' | 'tls'>> {
  readonly headers?: Readonly<Record<string, string>>;
  readonly certificate?: ClientCertificate;
}

/** A handshake as the edge would have read it, without an edge. */
export function handshakeOf({ headers = {}, certificate, ...parts }: HandshakeParts = {}): Handshake {
  return {
    listener: 'public',
    address: '192.0.2.1',
    peer: '192.0.2.1',
    host: 'ws.example.com',
    path: '/chat',
    query: '',
    origin: 'https://app.example.com',
    headers: new Map(Object.entries(headers)),
    protocols: [],
    extensions: '',
    key: 'dGhlIHNhbXBsZSBub25jZQ==',
    tls: {
      protocol: 'TLSv1.3',
      cipher: 'TLS_AES_128_GCM_SHA256',
      serverName: 'ws.example.com',
      ...(certificate && { certificate }),
    },
    ...parts,
  };
}

/** A handshake that carries this token in its Authorization field. */
export function bearing(token: string, parts: HandshakeParts = {}): Handshake {
  return handshakeOf({ ...parts, headers: { ...parts.headers, authorization: `Bearer ${token}` } });
}

/** A client certificate that the edge has verified. */
export function certificateOf(parts: Partial<ClientCertificate> = {}): ClientCertificate {
  return {
    subject: { CN: ['CP_1'], O: ['Example'] },
    issuer: { CN: ['Devices CA'] },
    san: { uri: ['urn:dev:CP_1'], dns: [], email: [] },
    serial: '0a1b2c',
    fingerprint: 'ab'.repeat(32),
    notAfter: Date.UTC(2099, 0, 1),
    path: [{ issuer: 'CN=Devices CA', serial: '0a1b2c' }],
    anchor: 'cd'.repeat(32),
    ...parts,
  };
}
