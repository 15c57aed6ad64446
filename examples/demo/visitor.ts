import { once } from 'node:events';
import type { TLSSocket } from 'node:tls';
import { WebSocket } from 'ws';

export interface Visit {
  readonly url: string;
  /** The development CA, PEM. */
  readonly ca: string;
  readonly origin: string;
}

export interface Closed {
  readonly code: number;
  readonly reason: string;
}

/** A client of the script: an ordinary `ws` socket that forgets nothing it was sent. */
export class Visitor {
  readonly socket: WebSocket;
  readonly closed: Promise<Closed>;
  readonly #arrived: string[] = [];
  #wake: (() => void) | undefined;

  private constructor(socket: WebSocket) {
    this.socket = socket;
    this.closed = new Promise((resolve) => {
      socket.once('close', (code, reason) => resolve({ code, reason: reason.toString() }));
    });
    socket.on('message', (data) => {
      this.#arrived.push(data.toString());
      this.#wake?.();
    });
    socket.on('close', () => this.#wake?.());
    socket.on('error', () => {});
  }

  /** A visitor who is in, or the HTTP status and text that kept it out. */
  static connect({ url, ca, origin }: Visit, token?: string): Promise<Visitor | string> {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const socket = new WebSocket(url, 'chat.v1', { ca, origin, headers });
    const visitor = new Visitor(socket);
    return new Promise((resolve, reject) => {
      socket.once('open', () => resolve(visitor));
      socket.once('error', reject);
      socket.once('unexpected-response', (_request, response) => {
        response.resume();
        resolve(`HTTP ${response.statusCode}`);
      });
    });
  }

  /** The serial number of the certificate that this connection was opened with. */
  get certificateSerial(): string {
    // `ws` keeps the TLS socket to itself; its types do not name it.
    const { _socket: socket } = this.socket as unknown as { _socket: TLSSocket };
    return socket.getPeerCertificate().serialNumber;
  }

  /** An object as JSON, a text as it is. */
  send(message: object | string): void {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  /** The next message as an object, or undefined if the connection ended first. */
  async next(): Promise<Record<string, unknown> | undefined> {
    while (this.#arrived.length === 0 && this.socket.readyState === WebSocket.OPEN) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const text = this.#arrived.shift();
    return text === undefined ? undefined : (JSON.parse(text) as Record<string, unknown>);
  }

  /** The next message of this type; others are let go by. */
  async nextOf(type: string): Promise<Record<string, unknown> | undefined> {
    for (;;) {
      const message = await this.next();
      if (message === undefined || message.type === type) return message;
    }
  }

  async leave(): Promise<void> {
    if (this.socket.readyState === WebSocket.CLOSED) return;
    this.socket.close(1000);
    await once(this.socket, 'close');
  }
}
