// OP-11: the admin listener gives a stranger nothing, a foreign web page nothing, and a slow or large client little.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AdminListener } from '../../src/admin/admin-listener.ts';
import { createDevelopmentCa } from '../../src/edge/development-ca.ts';
import { Journal } from '../support/journal.ts';
import { FakeOperator, session } from '../support/operator.ts';

const TOKEN = 'operators-token-0001';
const journal = new Journal();
const operator = new FakeOperator(session('a1'));
const listener = new AdminListener(operator, journal.record, {
  address: { host: '127.0.0.1', port: 0 },
  tokens: [{ name: 'admin', value: TOKEN, access: 'operator' }],
  hosts: ['admin.example.com'],
});
let port = 0;

beforeAll(async () => {
  port = (await listener.listen()).port;
});
afterAll(() => listener.close());

/** Sends these bytes and reads until the other side ends. */
function exchange(bytes: string): Promise<string> {
  return new Promise((resolve) => {
    const socket: Socket = connect(port, '127.0.0.1');
    let answer = '';
    socket.setEncoding('latin1');
    socket.on('data', (chunk) => {
      answer += chunk;
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(answer));
    socket.write(bytes, 'latin1');
  });
}

const request = (line: string, ...fields: string[]) =>
  exchange([`${line} HTTP/1.1`, 'Connection: close', ...fields, '', ''].join('\r\n'));
const withToken = `Authorization: Bearer ${TOKEN}`;
const statusOf = (answer: string) => Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1]);

describe('the admin listener', () => {
  it('answers its operator', async () => {
    expect(statusOf(await request('GET /sessions', 'Host: localhost', withToken))).toBe(200);
  });

  it.each(['/metrics', '/sessions', '/sessions/a1', '/certificates', '/openapi.json'])(
    'shows a stranger nothing of %s',
    async (path) => {
      const answer = await request(`GET ${path}`, 'Host: localhost');
      expect(statusOf(answer)).toBe(401);
      expect(answer).not.toMatch(/alice|sallyport_|x-powered-by|server:/i);
    },
  );

  it.each([
    'evil.example',
    'evil.example:9900',
    '127.0.0.1.evil.example',
    'localhost.evil.example',
    'evil-localhost',
    '[::1].evil',
    '',
  ])('does not answer to the Host %j, token or not: a name can be rebound', async (host) => {
    for (const fields of [[withToken], []]) {
      const answer = await request('POST /drain', `Host: ${host}`, 'Content-Length: 0', ...fields);
      expect([400, 421]).toContain(statusOf(answer));
    }
    expect(operator.calls).toEqual([]);
  });

  it.each(['localhost', 'LOCALHOST:9900', '127.0.0.1:9900', '[::1]:9900', '10.1.2.3', 'admin.example.com'])(
    'answers to the Host %j',
    async (host) => expect(statusOf(await request('GET /health/live', `Host: ${host}`))).toBe(200),
  );

  it.each([
    [
      'a large body',
      `POST /drain HTTP/1.1\r\nHost: localhost\r\n${withToken}\r\nContent-Length: 1000000\r\n\r\n`,
    ],
    [
      'a large body in chunks',
      `POST /drain HTTP/1.1\r\nHost: localhost\r\n${withToken}\r\nTransfer-Encoding: chunked\r\n\r\n` +
        `2000\r\n${'x'.repeat(0x2000)}\r\n0\r\n\r\n`,
    ],
  ])('takes no %s', async (_name, bytes) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => {});
    socket.write(bytes);
    const [chunk] = await new Promise<Buffer[]>((resolve) => socket.once('data', (data) => resolve([data])));
    expect(statusOf(String(chunk))).toBe(413);
    socket.destroy();
    expect(operator.calls).toEqual([]);
  });

  it('takes a small body in chunks', async () => {
    const body = '{"by":"subject","value":"mallory"}';
    const answer = await request(
      'POST /revocations',
      'Host: localhost',
      withToken,
      'Content-Type: application/json; charset=utf-8',
      'Transfer-Encoding: chunked',
      '',
      `${body.length.toString(16)}\r\n${body}\r\n0`,
    );
    expect(statusOf(answer)).toBe(200);
    expect(operator.calls.splice(0)).toEqual(['revoke subject mallory undefined undefined']);
  });

  it.each([
    ['no HTTP', 'hello\r\n\r\n', 400],
    ['a header of 10 KiB', `GET / HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(10_240)}\r\n\r\n`, 400],
    [
      'an upgrade',
      'GET /sessions HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
      400,
    ],
    ['a tunnel', 'CONNECT 10.0.0.1:22 HTTP/1.1\r\nHost: localhost\r\n\r\n', 400],
    [
      'two lengths',
      'POST /drain HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nContent-Length: 1\r\n\r\n',
      400,
    ],
  ])('refuses %s', async (_name, bytes, status) => {
    expect(statusOf(await exchange(bytes))).toBe(status);
    expect(operator.calls).toEqual([]);
  });

  it.each([
    'GET //[]/x',
    'GET http://[',
    'GET *',
    'GET /%',
    'GET /%ff%fe',
    'GET /sessions/%2e%2e%2fmetrics',
    'TRACE /',
  ])('survives %j', async (line) => {
    const status = statusOf(await request(line, 'Host: localhost', withToken));
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(500);
    expect(statusOf(await request('GET /health/live', 'Host: localhost'))).toBe(200);
  });

  it('has a line for each of those that it turned away, and none has the token', () => {
    expect(journal.named('admin.refused').length).toBeGreaterThan(0);
    expect(journal.raw.join('')).not.toContain(TOKEN);
    expect(journal.named('gateway.fault')).toEqual([]);
  });
});

it('waits five seconds, not two minutes, for a handshake of TLS that nobody goes on with', async () => {
  const tls = await (await createDevelopmentCa()).issue({ dns: ['localhost'] });
  const secure = new AdminListener(operator, journal.record, {
    address: { host: '127.0.0.1', port: 0 },
    tokens: [],
    tls,
  });
  const silent = connect((await secure.listen()).port, '127.0.0.1').on('error', () => {});
  await once(silent, 'close');
  await secure.close();
}, 15_000);
