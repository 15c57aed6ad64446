/** A WebSocket server that echoes, as its library makes it if nothing is said: `tsx backend.ts NAME`. Prints its port. */
import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import Faye from 'faye-websocket';
import { WebSocketServer } from 'ws';

const BACKENDS: Readonly<Record<string, () => Server>> = {
  ws() {
    // As `ws` answers by itself where it makes the server.
    const server = createServer((_request, response) => response.writeHead(426).end('Upgrade Required'));
    new WebSocketServer({ server }).on('connection', (socket) => {
      socket.on('error', () => {}).on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
    });
    return server;
  },
  'faye-websocket'() {
    return createServer().on('upgrade', (request, socket, head) => {
      if (!Faye.isWebSocket(request)) return;
      const open = new Faye(request, socket, head);
      open.on('message', (event: { data: string | Buffer }) => open.send(event.data));
    });
  },
  // As one writes it in an afternoon, or as a program behind a pipe is: frames are read, and nothing is checked.
  plain() {
    return createServer((_request, response) => response.end('plain')).on('upgrade', (request, socket) => {
      const key = request.headers['sec-websocket-key'] ?? '';
      const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
      );
      socket.on('error', () => {}).on('data', frameEcho(socket));
    });
  },
};

function frameEcho(socket: Duplex): (chunk: Buffer) => void {
  let held = Buffer.alloc(0);
  return (chunk) => {
    held = Buffer.concat([held, chunk]);
    while (held.length >= 2) {
      const short = held[1]! & 0x7f;
      const start = 6 + (short === 126 ? 2 : short === 127 ? 8 : 0);
      if (held.length < start) return;
      const length =
        short === 126 ? held.readUInt16BE(2) : short === 127 ? Number(held.readBigUInt64BE(2)) : short;
      if (held.length < start + length) return;
      const payload = held
        .subarray(start, start + length)
        .map((byte, i) => byte ^ held[start - 4 + (i & 3)]!);
      const opcode = held[0]! & 15;
      held = held.subarray(start + length);
      if (opcode === 8) socket.end(Buffer.from([0x88, 0]));
      else if (length < 126 && opcode !== 10)
        socket.write(Buffer.concat([Buffer.from([0x80 | (opcode === 9 ? 10 : opcode), length]), payload]));
    }
  };
}

const server = BACKENDS[process.argv[2] ?? '']?.();
if (!server) throw new Error(`one of ${Object.keys(BACKENDS).join(', ')}`);
server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port));
