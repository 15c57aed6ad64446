import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { getRequestListener } from '@hono/node-server';
import type { Recorder } from '../record/recorder.ts';
import { type AppOptions, createApp } from './app.ts';
import type { Operator } from './operator.ts';

export interface AdminOptions extends AppOptions {
  readonly address: { readonly host: string; readonly port: number };
  /** PEM. Left out, the listener speaks plain HTTP. */
  readonly tls?: { readonly cert: string; readonly key: string };
}

/** Bounds of what one client may take: bytes, milliseconds, connections. */
const LIMITS = {
  maxHeaderSize: 8_192,
  headersTimeout: 5_000,
  requestTimeout: 10_000,
  keepAliveTimeout: 5_000,
  connectionsCheckingInterval: 1_000,
} as const;
const MAX_CONNECTIONS = 100;
/** For the TLS handshake: node's own two minutes would let a few strangers hold all connections. */
const TLS_TIMEOUT = 5_000;
/** How long a connection may do nothing, a client that does not read its answer included. */
const IDLE_TIMEOUT = 45_000;
/** How long `close` waits for answers that are under way. */
const CLOSE_TIMEOUT = 1_000;

/** The listener of the admin API: a server of its own, that shares nothing with those of the clients. */
export class AdminListener {
  readonly #server: Server;
  readonly #options: AdminOptions;
  readonly #recorder: Recorder;

  constructor(operator: Operator, recorder: Recorder, options: AdminOptions) {
    this.#options = options;
    this.#recorder = recorder;
    const app = createApp(operator, recorder, options);
    const listener = getRequestListener(app.fetch, { overrideGlobalObjects: false });
    this.#server = options.tls
      ? createSecureServer(
          { ...LIMITS, ...options.tls, minVersion: 'TLSv1.2', handshakeTimeout: TLS_TIMEOUT },
          listener,
        )
      : createServer(LIMITS, listener);
    this.#server.maxConnections = MAX_CONNECTIONS;
    this.#server.setTimeout(IDLE_TIMEOUT);
    this.#server.on('clientError', refuse);
    // TLS that failed, or is late, has nobody to tell: what is said there would wait for the handshake for ever.
    this.#server.on('tlsClientError', (_error, socket: Duplex) => socket.destroy());
    this.#server.on('upgrade', (_request, socket) => refuse(undefined, socket));
    this.#server.on('connect', (_request, socket) => refuse(undefined, socket));
  }

  /** @throws what `net.Server.listen` reports, an address in use among it. */
  async listen(): Promise<AddressInfo> {
    const { host, port } = this.#options.address;
    this.#server.listen(port, host);
    await once(this.#server, 'listening');
    const address = this.#server.address() as AddressInfo;
    this.#recorder.event('admin.started', { address: `${address.address}:${address.port}` });
    return address;
  }

  /** Takes no more requests, and waits a moment for those that are being answered: `POST /drain` is one of them. */
  async close(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    const sweep = setInterval(() => this.#server.closeIdleConnections(), 20);
    const cut = setTimeout(() => this.#server.closeAllConnections(), CLOSE_TIMEOUT);
    await closed;
    clearInterval(sweep);
    clearTimeout(cut);
  }
}

/** What is not HTTP, or not a request that this API has, gets one answer that says nothing. */
function refuse(_error: Error | undefined, socket: Duplex): void {
  if (socket.writable) {
    socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
  }
  socket.once('error', () => socket.destroy());
  socket.once('finish', () => socket.destroy());
}
