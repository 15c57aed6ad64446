import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';

/** A backend made of `ws`, on a port of its own, that keeps every message that reached it. */
export class Backend {
  readonly server: WebSocketServer;
  /** Messages as they came in, text. */
  readonly received: string[] = [];
  readonly #http: Server;

  private constructor(http: Server, protocols: readonly string[]) {
    this.#http = http;
    this.server = new WebSocketServer({
      server: http,
      handleProtocols: (offered) => protocols.find((name) => offered.has(name)) ?? false,
    });
    this.server.on('connection', (socket: WebSocket) => {
      socket.on('message', (data) => this.received.push(data.toString()));
    });
  }

  static async listen(...protocols: readonly string[]): Promise<Backend> {
    const http = createServer();
    const backend = new Backend(http, protocols);
    http.listen(0, '127.0.0.1');
    await once(http, 'listening');
    return backend;
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.#http.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    for (const socket of this.server.clients) socket.terminate();
    this.server.close();
    this.#http.close();
    await once(this.#http, 'close');
  }
}
