/** What people write first: a `ws` server piped to a `ws` client, no checks. Arguments: upstream port, cert, key. Prints its port. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';

const [upstreamPort, cert, key] = process.argv.slice(2) as [string, string, string];
const server = createServer({ cert: readFileSync(cert), key: readFileSync(key) });
const sockets = new WebSocketServer({ server, perMessageDeflate: false });

sockets.on('connection', (client) => {
  const upstream = new WebSocket(`ws://127.0.0.1:${upstreamPort}/`, { perMessageDeflate: false });
  const early: { data: Buffer; binary: boolean }[] = [];
  client.on('message', (data: Buffer, binary) => {
    if (upstream.readyState === WebSocket.OPEN) upstream.send(data, { binary });
    else early.push({ data, binary });
  });
  upstream.on('open', () => {
    for (const { data, binary } of early.splice(0)) upstream.send(data, { binary });
  });
  upstream.on('message', (data: Buffer, binary) => client.send(data, { binary }));
  client.on('close', () => upstream.terminate());
  upstream.on('close', () => client.terminate());
  client.on('error', () => {});
  upstream.on('error', () => {});
});

process.on('message', () => {
  globalThis.gc?.();
  process.send?.('collected');
});

server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port));
