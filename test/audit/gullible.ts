import { once } from 'node:events';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { createDevelopmentCa } from '../../src/edge/development-ca.ts';
import { acceptFor } from '../support/raw-client.ts';
import { encode, FrameReader, OPCODE, type RawFrame } from '../support/raw-frames.ts';
import { type RawHead, readHead } from '../support/raw-head.ts';

/** What a bad server does. Left out: whatever is asked, it says yes, and it stays. */
export interface Manners {
  readonly tls?: TlsOptions;
  /** Speaks TLS and plain text on one port, by the first byte. */
  readonly plain?: boolean;
  /** Fields of the 101, or another answer in its place; undefined for the usual one. */
  readonly answer?: (request: RawHead, path: string) => string | undefined;
  /** How long it thinks before it answers, in milliseconds. */
  readonly delay?: (request: RawHead) => number;
  /** Called with each frame; true: that was all there is to do. */
  readonly onFrame?: (frame: RawFrame, socket: Duplex) => boolean;
  /** Called when a WebSocket is open. */
  readonly onOpen?: (socket: Duplex) => void;
}

export interface BadServer {
  readonly port: number;
  /** PEM. */
  readonly ca: string;
  stop(): void;
}

/** One for all: keys take time. */
const authority = createDevelopmentCa('audit test CA');

/** A server that opens a WebSocket for any head that ends, reads any frame, and answers every Ping. */
export async function startBadServer(manners: Manners = {}): Promise<BadServer> {
  const ca = await authority;
  const pair = await ca.issue({ dns: ['localhost'], ip: ['127.0.0.1'] });
  const secure = createTlsServer(
    { ...pair, allowHalfOpen: true, ...manners.tls },
    (socket) => void serve(socket, manners),
  );
  secure.on('tlsClientError', () => {});
  const sockets = new Set<Socket>();
  const server: Server = createTcpServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy()).on('close', () => sockets.delete(socket));
    if (!manners.plain) secure.emit('connection', socket);
    else
      socket.once('data', (first: Buffer) => {
        socket.pause();
        socket.unshift(first);
        if (first[0] === 0x16) secure.emit('connection', socket);
        else {
          void serve(socket, manners);
          socket.resume();
        }
      });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    ca: ca.cert,
    stop() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

/** The usual 101, with these fields added. */
export function accept(request: RawHead, fields = ''): string {
  const key = acceptFor(request.headers.get('sec-websocket-key') ?? '');
  return `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${key}\r\n${fields}\r\n`;
}

async function serve(socket: Duplex, manners: Manners): Promise<void> {
  socket.on('error', () => socket.destroy());
  const request = await readHead(socket).catch(() => undefined);
  if (!request) return;
  if (manners.delay) await sleep(manners.delay(request));
  const path = request.start.split(' ')[1] ?? '';
  const answer = manners.answer?.(request, path) ?? accept(request);
  socket.write(answer, 'latin1');
  const reader = new FrameReader();
  socket.on('data', (chunk: Buffer) => {
    for (const frame of reader.push(chunk)) {
      if (manners.onFrame?.(frame, socket)) continue;
      if (frame.opcode === OPCODE.ping)
        socket.write(encode({ opcode: OPCODE.pong, payload: frame.payload }, false));
    }
  });
  if (request.rest.length > 0) socket.unshift(request.rest);
  manners.onOpen?.(socket);
  socket.resume();
}
