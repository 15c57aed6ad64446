import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { startUpstream } from '../../test/support/upstream.ts';
import { createDevelopmentCa } from '../edge/development-ca.ts';
import type { Dialled } from '../pipeline/dialled.ts';
import type { Handshake } from '../pipeline/handshake.ts';
import type { Refused } from '../pipeline/verdict.ts';
import { acceptKey } from '../protocol/accept.ts';
import { dial } from './dial.ts';
import type { DialRequest } from './request.ts';

const handshake: Handshake = {
  listener: 'public',
  address: '192.0.2.7',
  peer: '192.0.2.7',
  host: 'ws.example.com',
  path: '/chat',
  query: '',
  origin: 'https://app.example.com',
  headers: new Map([
    ['origin', 'https://app.example.com'],
    ['cookie', 'session=secret'],
    ['authorization', 'Bearer secret'],
    ['x-subject', 'mallory'],
    ['x-forwarded-for', '203.0.113.1'],
  ]),
  protocols: ['chat.v1'],
  extensions: 'permessage-deflate',
  key: 'AAAAAAAAAAAAAAAAAAAAAA==',
  tls: { protocol: 'TLSv1.3', cipher: 'TLS_AES_128_GCM_SHA256' },
};

const open: { server: Server; sockets: Set<Socket> }[] = [];

afterEach(() => {
  for (const { server, sockets } of open.splice(0)) {
    for (const socket of sockets) socket.destroy();
    server.close();
  }
});

/** An upstream that hands each request head to `answer`, which writes what it likes. */
async function upstream(answer: (head: string, socket: Socket) => void): Promise<URL> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    let head = '';
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      head += chunk.toString('latin1');
      if (head.includes('\r\n\r\n')) answer(head, socket);
    });
  });
  open.push({ server, sockets });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return new URL(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
}

function ask(url: URL, changes: Partial<DialRequest> = {}, signal = new AbortController().signal) {
  return dial(
    {
      url,
      target: '/socket',
      handshake,
      protocols: ['chat.v1'],
      forward: [['X-Subject', 'alice']],
      passHeaders: [],
      connectTimeout: 2_000,
      handshakeTimeout: 2_000,
      ...changes,
    },
    signal,
  );
}

const keyOf = (head: string): string => /^Sec-WebSocket-Key: (.+)\r$/m.exec(head)?.[1] ?? '';

function good(head: string, extra = ''): string {
  return `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${acceptKey(keyOf(head))}\r\n${extra}\r\n`;
}

function codeOf(outcome: Dialled | Refused): string {
  return 'pass' in outcome ? outcome.code : 'dialled';
}

describe('dial', () => {
  it('resolves with the chosen subprotocol and whatever came behind the 101', async () => {
    const url = await upstream((head, socket) => {
      socket.write(`${good(head, 'Sec-WebSocket-Protocol: chat.v1\r\n')}first`);
    });
    const outcome = (await ask(url)) as Dialled;
    expect(outcome.protocol).toBe('chat.v1');
    expect(outcome.head.toString()).toBe('first');
    outcome.socket.destroy();
  });

  // TLS hands out all records of one read, whatever the socket was told at the first of them.
  it.each([1, 3, 50, 400])('loses none of %i TLS records that come with the 101', async (count) => {
    const ca = await createDevelopmentCa();
    const record = (i: number) => String(i).padStart(1_000, '.');
    const send = (head: string, socket: Socket): void => {
      socket.write(good(head));
      for (let i = 0; i < count; i++) socket.write(record(i));
    };
    const port = await startUpstream(send, { tls: await ca.issue({ dns: ['localhost'] }) });
    const outcome = (await ask(new URL(`wss://localhost:${port}`), { ca: ca.cert })) as Dialled;
    await new Promise((resolve) => setImmediate(resolve));
    let received = outcome.head.toString();
    outcome.read((chunk) => {
      received += chunk.toString();
    });
    await expect.poll(() => received.length).toBe(count * 1_000);
    expect(received).toBe(Array.from({ length: count }, (_, i) => record(i)).join(''));
    outcome.socket.destroy();
  });

  it('reads nothing until it is asked to, then hands over every byte in order', async () => {
    const url = await upstream((head, socket) => {
      socket.write(good(head));
      for (let i = 0; i < 200; i++) socket.write(`${String(i).padStart(4, '0')}${'x'.repeat(996)}`);
    });
    const outcome = (await ask(url)) as Dialled;
    let received = outcome.head.toString();
    await new Promise<void>((resolve) => {
      outcome.read((chunk) => {
        received += chunk.toString();
        if (received.length === 200_000) resolve();
      });
    });
    for (let i = 0; i < 200; i++)
      expect(received.slice(i * 1000, i * 1000 + 4)).toBe(String(i).padStart(4, '0'));
    outcome.socket.destroy();
  });

  it('writes the identity itself and leaves the client’s credentials and forwarding headers outside', async () => {
    let seen = '';
    const url = await upstream((head, socket) => {
      seen = head;
      socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    });
    await ask(url, { passHeaders: ['cookie', 'x-subject', 'x-forwarded-for', 'sec-websocket-extensions'] });
    expect(seen).toContain('\r\nX-Subject: alice\r\n');
    expect(seen).toContain('\r\nX-Forwarded-For: 192.0.2.7\r\n');
    expect(seen).toContain('\r\ncookie: session=secret\r\n');
    expect(seen).not.toMatch(/mallory|Bearer|203\.0\.113\.1|Extensions/i);
  });

  it('passes no cookie unless the route says so', async () => {
    let seen = '';
    const url = await upstream((head, socket) => {
      seen = head;
      socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    });
    await ask(url);
    expect(seen).not.toMatch(/cookie/i);
  });

  // SM-19
  it.each<[string, (head: string) => string, string]>([
    ['a status other than 101', () => 'HTTP/1.1 403 Forbidden\r\n\r\n', 'upstream_refused'],
    ['HTTP/1.0', (head) => good(head).replace('1.1', '1.0'), 'upstream_invalid'],
    ['a wrong accept', (head) => good(head).replace(/Accept: ./, 'Accept: !'), 'upstream_invalid'],
    [
      'two accepts',
      (head) => good(head, `Sec-WebSocket-Accept: ${acceptKey(keyOf(head))}\r\n`),
      'upstream_invalid',
    ],
    ['no Upgrade', (head) => good(head).replace('Upgrade: websocket\r\n', ''), 'upstream_invalid'],
    [
      'no Connection: Upgrade',
      (head) => good(head).replace('Connection: Upgrade', 'Connection: close'),
      'upstream_invalid',
    ],
    [
      'an extension',
      (head) => good(head, 'Sec-WebSocket-Extensions: permessage-deflate\r\n'),
      'upstream_invalid',
    ],
    ['an unknown subprotocol', (head) => good(head, 'Sec-WebSocket-Protocol: other\r\n'), 'upstream_invalid'],
    [
      'two subprotocols',
      (head) => good(head, 'Sec-WebSocket-Protocol: chat.v1\r\n'.repeat(2)),
      'upstream_invalid',
    ],
    ['a folded header', (head) => good(head, 'X-A: b\r\n c\r\n'), 'upstream_invalid'],
    [
      'a head without end',
      () => `HTTP/1.1 101 Switching Protocols\r\nX: ${'a'.repeat(20_000)}`,
      'upstream_invalid',
    ],
    ['no HTTP', () => '\x16\x03\x01\x02\x00\r\n\r\n', 'upstream_invalid'],
  ])('refuses %s', async (_name, answer, code) => {
    const url = await upstream((head, socket) => socket.write(answer(head)));
    expect(codeOf(await ask(url))).toBe(code);
  });

  // UP-01
  it('says that nobody listens', async () => {
    const url = await upstream(() => {});
    await new Promise<void>((resolve) => open.at(-1)!.server.close(() => resolve()));
    expect(codeOf(await ask(url))).toBe('upstream_refused');
  });

  // UP-02
  it('gives up on an upstream that accepts and never answers', async () => {
    const url = await upstream(() => {});
    expect(codeOf(await ask(url, { handshakeTimeout: 50 }))).toBe('upstream_timeout');
  });

  it('notices an upstream that closes without a word', async () => {
    const url = await upstream((_head, socket) => socket.end());
    expect(codeOf(await ask(url))).toBe('upstream_invalid');
  });

  // HS-45
  it('ends the attempt when the client has left', async () => {
    const abort = new AbortController();
    const url = await upstream(() => abort.abort());
    expect(codeOf(await ask(url, {}, abort.signal))).toBe('client_left');
  });
});
