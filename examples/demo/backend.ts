import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';

export interface RunningBackend {
  readonly url: string;
  /** Every message that reached the backend, as text: what the gateway let through. */
  readonly received: readonly string[];
  stop(): Promise<void>;
}

/**
 * A chat that knows nothing of security: it believes the X-Subject header and relays every message to everybody. It is
 * safe only because nothing reaches it but what the gateway has checked.
 */
export async function startBackend(): Promise<RunningBackend> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  await new Promise<void>((resolve, reject) => {
    server.once('listening', resolve).once('error', reject);
  });
  const received: string[] = [];
  const names = new Map<WebSocket, string>();

  server.on('connection', (socket, request) => {
    names.set(socket, String(request.headers['x-subject'] ?? 'somebody'));
    socket.on('error', () => {});
    socket.on('close', () => names.delete(socket));
    socket.on('message', (data) => {
      const text = data.toString();
      received.push(text);
      if (received.length > 1_000) received.shift();
      const message = JSON.parse(text) as { type: string; room?: string; text?: string };
      if (message.type !== 'chat.send') return;
      const said = JSON.stringify({
        type: 'chat.said',
        from: names.get(socket),
        room: message.room,
        text: message.text,
      });
      for (const each of names.keys()) each.send(said);
    });
  });

  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    stop: () =>
      new Promise((resolve) => {
        for (const socket of names.keys()) socket.terminate();
        server.close(() => resolve());
      }),
  };
}
