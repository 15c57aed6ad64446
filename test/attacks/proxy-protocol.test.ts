// SM-16
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { expect, it, onTestFinished } from 'vitest';
import { ca, type Edge, gone, startEdge, upgradeText } from '../support/edge.ts';

const listener = {
  proxyProtocol: true,
  trustedProxies: ['127.0.0.0/8'],
  limits: { handshakeTimeout: '500ms' },
};
const V2 = '0d0a0d0a000d0a515549540a';
const local = Buffer.from(`${V2}20000000`, 'hex');
const unix = Buffer.from(`${V2}213100d8${'00'.repeat(216)}`, 'hex');
const v4 = Buffer.from(`${V2}2111000fc0000201c0000202115c20fb040000`, 'hex');
const v1 = Buffer.from('PROXY TCP6 2001:db8::1 ::1 4444 443\r\n');

async function proxy(edge: Edge): Promise<Socket> {
  const socket = connect({ port: edge.port, host: '127.0.0.1', noDelay: true }).on('error', () => {});
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  return socket;
}

async function upgradeOver(socket: Socket): Promise<string> {
  const secure = connectTls({ socket, servername: 'localhost', ca: (await ca()).cert });
  secure.write(upgradeText());
  const [chunk] = await once(secure, 'data');
  return String(chunk).split('\r\n')[0]!;
}

it.each([
  ['version 1', v1, '2001:db8::1'],
  ['version 2 with a TLV', v4, '192.0.2.1'],
  ['LOCAL', local, '127.0.0.1'],
  ['AF_UNIX', unix, '127.0.0.1'],
])('takes %s', async (_, header, address) => {
  const edge = await startEdge({ listener });
  const socket = await proxy(edge);
  socket.write(header);
  expect(await upgradeOver(socket)).toMatch(/ 101 /);
  expect(edge.accepted[0]).toMatchObject({ address, peer: '127.0.0.1' });
});

it('takes a header that is split over packets', async () => {
  const edge = await startEdge({ listener: { ...listener, limits: {} } });
  const socket = await proxy(edge);
  for (const byte of v4) {
    socket.write(Buffer.of(byte));
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(await upgradeOver(socket)).toMatch(/ 101 /);
  expect(edge.accepted[0]).toMatchObject({ address: '192.0.2.1' });
});

it('takes a header and the ClientHello in one packet', async () => {
  const edge = await startEdge({ listener });
  const socket = await proxy(edge);
  socket.cork();
  socket.write(v1);
  const answer = upgradeOver(socket);
  setImmediate(() => socket.uncork());
  expect(await answer).toMatch(/ 101 /);
});

it.each([
  ['a line that never ends', Buffer.from(`PROXY UNKNOWN ${'x'.repeat(200)}`)],
  ['a bad signature', Buffer.from(`${V2.slice(0, 22)}0b21110000`, 'hex')],
  ['a TLV over its room', Buffer.from(`${V2}2111000fc0000201c0000202115c20fb04ffff`, 'hex')],
  ['TLS without a header', Buffer.from([0x16, 3, 1, 0, 5])],
  ['nothing at all', Buffer.alloc(0)],
  ['half a header', v4.subarray(0, 20)],
])('ends a connection with %s', async (_, bytes) => {
  const edge = await startEdge({ listener });
  const socket = await proxy(edge);
  if (bytes.length > 0) socket.write(bytes);
  await gone(socket);
  expect((await edge.event('connection.refused')).fields.code).toMatch(/request_malformed|handshake_timeout/);
});

it('counts the client behind the proxy, not the proxy', async () => {
  const limits = { perAddress: { connections: 1 } };
  const edge = await startEdge({ listener: { ...listener, limits } });
  const first = await proxy(edge);
  first.write(v4);
  expect(await upgradeOver(first)).toMatch(/ 101 /);
  const second = await proxy(edge);
  second.write(v4);
  await gone(second);
  const other = await proxy(edge);
  other.write(v1);
  expect(await upgradeOver(other)).toMatch(/ 101 /);
});
