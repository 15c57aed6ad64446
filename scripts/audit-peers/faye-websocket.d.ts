declare module 'faye-websocket' {
  import type { IncomingMessage } from 'node:http';
  import type { Duplex } from 'node:stream';

  /** What of the package is used here; it brings no types. */
  class WebSocket {
    static isWebSocket(request: IncomingMessage): boolean;
    constructor(request: IncomingMessage, socket: Duplex, head: Buffer);
    on(event: 'message', listener: (event: { data: string | Buffer }) => void): void;
    send(data: string | Buffer): void;
  }
  export = WebSocket;
}
