import { afterAll, beforeAll, expect, it } from 'vitest';
import { createDevelopmentCa, type DevelopmentCa } from '../../src/edge/development-ca.ts';
import { type RunningGateway, startGateway } from '../support/gateway.ts';
import { connectRaw } from '../support/raw-client.ts';
import { readHead } from '../support/raw-head.ts';
import { RawServer } from '../support/raw-server.ts';

// Strict-Transport-Security stands on whatever the gateway answers over TLS (RFC 6797 §7.1), unless its operator says no.

const HOST = 'ws.example.test';
const UPGRADE = `Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${'A'.repeat(22)}==\r\n`;

let ca: DevelopmentCa;
let upstream: RawServer;
let gateway: RunningGateway;

beforeAll(async () => {
  ca = await createDevelopmentCa();
  upstream = await RawServer.listen();
  const pair = await ca.issue({ dns: [HOST, 'localhost'] });
  gateway = await startGateway({
    ca,
    files: { 'cert.pem': pair.cert, 'key.pem': pair.key },
    listener: { limits: { handshakeTimeout: '500ms' } },
    config: configOf(),
  });
});

afterAll(async () => {
  await gateway?.stop();
  await upstream?.close();
});

function configOf(): Record<string, unknown> {
  const route = { match: { path: '/live' }, origins: 'none-required', identify: ['visitors'] };
  return { routes: [{ name: 'live', ...route, upstream: { url: upstream.url } }] };
}

async function answer(request: string, servername = HOST): Promise<[status: number, strict?: string]> {
  const socket = await connectRaw({ port: gateway.port, tls: { servername, ca: ca.cert } });
  socket.write(request.replaceAll('HOST', servername));
  const { start, headers } = await readHead(socket);
  socket.destroy();
  return [Number(start.split(' ')[1]), headers.get('strict-transport-security')] as [number, string?];
}

const TWO_YEARS = 'max-age=63072000';

it.each([
  ['an upgrade', 101, `GET /live HTTP/1.1\r\nHost: HOST\r\n${UPGRADE}\r\n`],
  ['one that finds no route', 404, `GET /x HTTP/1.1\r\nHost: HOST\r\n${UPGRADE}\r\n`],
  ['one for another host', 421, `GET /live HTTP/1.1\r\nHost: other.test\r\n${UPGRADE}\r\n`],
  ['a request', 426, 'GET /live HTTP/1.1\r\nHost: HOST\r\n\r\n'],
  ['a request for nothing', 404, 'GET / HTTP/1.1\r\nHost: HOST\r\n\r\n'],
  ['a request of our own paths', 404, 'POST /.well-known/sallyport/x HTTP/1.1\r\nHost: HOST\r\n\r\n'],
  ['what is no HTTP', 400, 'hello\r\n\r\n'],
  ['what does not come', 408, 'GET /live HTT'],
])('is in the answer to %s (%i)', async (_, status, request) => {
  expect(await answer(request)).toEqual([status, TWO_YEARS]);
});

it('is said of localhost to nobody', async () => {
  expect(await answer('GET / HTTP/1.1\r\nHost: HOST\r\n\r\n', 'localhost')).toEqual([404, undefined]);
});

it('is another, or none, from a reload on', async () => {
  for (const [said, seen] of [
    ['0s', 'max-age=0'],
    ['none', undefined],
  ]) {
    const tls = {
      certificates: [{ cert: 'cert.pem', key: 'key.pem' }],
      strictTransportSecurity: said,
    };
    const listeners = { public: { address: '127.0.0.1:0', tls } };
    gateway.configure({ ...configOf(), listeners });
    await gateway.gateway.reload();
    expect(await answer('GET / HTTP/1.1\r\nHost: HOST\r\n\r\n')).toEqual([404, seen]);
  }
});
