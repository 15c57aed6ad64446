/** The backend of a rehearsal: a WebSocket server that sends every message back. Its argument is its port, 0 for any. */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { acceptKey } from '../protocol/accept.ts';
import { EchoReader } from './echo.ts';

const server = createServer((_request, response) => response.writeHead(426).end());

server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
  const { 'sec-websocket-key': key = '' } = request.headers;
  const fields = [
    'HTTP/1.1 101 Switching Protocols',
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Accept: ${acceptKey(key)}`,
  ];
  socket.write(`${fields.join('\r\n')}\r\n\r\n`);
  const reader = new EchoReader(socket);
  reader.read(head);
  socket.on('data', (chunk: Buffer) => reader.read(chunk));
  socket.on('error', () => socket.destroy()).on('end', () => socket.end());
});

process.on('disconnect', () => process.exit(0));
process.on('SIGINT', () => {}); // the parent says what it means
server.on('error', (error) => {
  process.send?.({ error: error.message }, () => process.exit(1));
});
server.listen(Number(process.argv[2] ?? 0), '127.0.0.1', () => {
  process.send?.({ port: (server.address() as AddressInfo).port });
});
