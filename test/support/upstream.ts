import { once } from 'node:events';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { onTestFinished } from 'vitest';
import type { Dialled } from '../../src/pipeline/dialled.ts';
import type { Refused } from '../../src/pipeline/verdict.ts';
import { acceptKey } from '../../src/protocol/accept.ts';
import { dial } from '../../src/upstream/dial.ts';
import type { DialRequest } from '../../src/upstream/request.ts';
import { fakeHandshake } from './guard.ts';

/** Answers an upgrade as it should be answered. */
export function accept(head: string, socket: Socket): void {
  const key = /^Sec-WebSocket-Key: (.+)\r$/m.exec(head)?.[1] ?? '';
  socket.write(
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
      `Sec-WebSocket-Accept: ${acceptKey(key)}\r\n\r\n`,
  );
}

/** A backend that hands each request to `answer`; over TLS where options for it are given. Resolves with its port. */
export async function startUpstream(
  answer: (head: string, socket: Socket) => void = accept,
  { tls, host = '127.0.0.1' }: { tls?: TlsOptions; host?: string } = {},
): Promise<number> {
  const sockets = new Set<Socket>();
  const serve = (socket: Socket): void => {
    sockets.add(socket);
    let head = '';
    socket
      .on('error', () => {})
      .on('data', (chunk) => {
        head += chunk.toString('latin1');
        if (head.endsWith('\r\n\r\n')) answer(head, socket);
      });
  };
  const server: Server = tls ? createTlsServer(tls, serve) : createTcpServer(serve);
  server.listen(0, host);
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** Dials as a route would. `dialled`, or the code of the refusal with its reason. */
export async function tryDial(url: string, changes: Partial<DialRequest> = {}): Promise<string> {
  const outcome: Dialled | Refused = await dial(
    {
      url: new URL(url),
      target: '/',
      handshake: fakeHandshake(),
      protocols: [],
      forward: [],
      passHeaders: [],
      connectTimeout: 5_000,
      handshakeTimeout: 5_000,
      ...changes,
    },
    new AbortController().signal,
  );
  if ('pass' in outcome) return `${outcome.code}: ${outcome.reason}`;
  outcome.socket.destroy();
  return 'dialled';
}
