// MT-04 MT-05 MT-06 D3 D10
import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { ca, connectEdge, gone, open, startEdge } from '../support/edge.ts';

const pairs = async () => [
  await (await ca()).issue({ dns: ['default.test'] }),
  await (await ca()).issue({ dns: ['secure.test', '*.wild.test', 'xn--bcher-kva.test'] }),
];
const anyName = { checkServerIdentity: () => undefined };

it.each([
  'secure.test',
  'SECURE.TEST',
  'secure.test.',
  'Secure.Test.',
  'a.wild.test',
  'A.WILD.test.',
  'xn--bcher-kva.test',
])('shows the certificate of %s', async (servername) => {
  const edge = await startEdge({ pairs: await pairs() });
  const socket = await connectEdge(edge, { servername, ...anyName });
  expect(socket.getPeerCertificate().subjectaltname).toContain('DNS:secure.test');
});

it.each(['unknown.test', 'test', 'a.b.wild.test', 'wild.test', 'secure.test..', '127.0.0.1', '__proto__'])(
  'refuses %s with an alert',
  async (servername) => {
    const edge = await startEdge({ pairs: await pairs() });
    await expect(sniffed(edge.port, servername)).resolves.toEqual([0x15, 3, 3, 0, 2, 2, 112]);
    expect((await edge.event('tls.failed')).fields.error).toBe('unrecognized name');
  },
);

it('shows the default where the listener says so', async () => {
  const edge = await startEdge({ pairs: await pairs(), tls: { unknownNames: 'default' } });
  const socket = await connectEdge(edge, { servername: 'unknown.test', ...anyName });
  expect(socket.getPeerCertificate().subjectaltname).toBe('DNS:default.test');
});

it('holds no connection of those it refused', async () => {
  const edge = await startEdge({ pairs: await pairs() });
  for (let i = 0; i < 10; i++) await sniffed(edge.port, `no${i}.test`);
  await open(edge, undefined, { servername: 'secure.test' }).catch(() => {});
  expect(edge.listener.connections).toBeLessThanOrEqual(1);
});

/** What the edge answers to a ClientHello with this name: node's own client will not send every name. */
async function sniffed(port: number, name: string): Promise<number[]> {
  const socket = connect(port, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  const heard: number[] = [];
  socket.on('data', (chunk: Buffer) => heard.push(...chunk));
  socket.write(clientHello(name));
  await gone(socket);
  return heard;
}

function clientHello(name: string): Buffer {
  const u16 = (value: number) => Buffer.from([value >> 8, value & 255]);
  const sized = (bytes: Buffer) => Buffer.concat([u16(bytes.length), bytes]);
  const extension = (type: number, bytes: Buffer) => Buffer.concat([u16(type), sized(bytes)]);
  const sni = sized(Buffer.concat([Buffer.of(0), sized(Buffer.from(name))]));
  const extensions = Buffer.concat([
    extension(0, sni),
    extension(10, sized(u16(23))), // secp256r1
    extension(11, Buffer.from([1, 0])),
    extension(13, sized(u16(0x0403))), // ecdsa_secp256r1_sha256
  ]);
  const suites = sized(u16(0xc02b)); // ECDHE-ECDSA-AES128-GCM-SHA256
  const body = Buffer.concat([
    Buffer.from([3, 3]),
    Buffer.alloc(32, 1),
    Buffer.of(0),
    suites,
    Buffer.from([1, 0]),
    sized(extensions),
  ]);
  const handshake = Buffer.concat([Buffer.from([1, 0]), u16(body.length), body]);
  return Buffer.concat([Buffer.from([0x16, 3, 1]), u16(handshake.length), handshake]);
}
