import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { acceptFor } from './raw-client.ts';
import { encode } from './raw-frames.ts';
import { type RawHead, readHead } from './raw-head.ts';
import { type PeerOptions, RawPeer } from './raw-peer.ts';

/** What an upstream does with an upgrade. Resolves to whether the socket is now a WebSocket. */
export type Answer = (socket: Socket, request: RawHead) => boolean;

export interface RawServerOptions extends Omit<PeerOptions, 'client'> {
  /** `ANSWERS.accept` where absent. */
  readonly answer?: Answer;
  /** Sends every message back as it came, one frame each. */
  readonly echo?: boolean;
  /** `false`: the socket is never read after its 101. */
  readonly reads?: boolean;
}

/** A WebSocket upstream on a port of its own that does as it is told, well or badly. */
export class RawServer {
  readonly port: number;
  /** Every upgrade request so far. */
  readonly requests: RawHead[] = [];
  /** Every WebSocket so far; `next()` walks along it. */
  readonly peers: RawPeer[] = [];
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #options: RawServerOptions;
  #read = 0;
  #wake: (() => void)[] = [];

  private constructor(server: Server, options: RawServerOptions) {
    this.#server = server;
    this.#options = options;
    this.port = (server.address() as AddressInfo).port;
    server.on('connection', (socket) => void this.#connection(socket));
  }

  static async listen(options: RawServerOptions = {}): Promise<RawServer> {
    const server = createServer({ noDelay: true, allowHalfOpen: true }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new RawServer(server, options);
  }

  get url(): string {
    return `ws://127.0.0.1:${this.port}`;
  }

  /** How many TCP connections are open. */
  get open(): number {
    return this.#sockets.size;
  }

  /** Changes what the next connections meet. */
  behave(options: RawServerOptions): void {
    this.#options = options;
  }

  /** The next WebSocket, once its upgrade is answered. */
  async next(): Promise<RawPeer> {
    while (this.#read >= this.peers.length) await new Promise<void>((wake) => this.#wake.push(wake));
    return this.peers[this.#read++]!;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    if (!this.#server.listening) return;
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #connection(socket: Socket): Promise<void> {
    const options = this.#options;
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    const request = await readHead(socket).catch(() => undefined);
    if (!request) return;
    this.requests.push(request);
    if (!(options.answer ?? ANSWERS.accept)(socket, request)) {
      socket.on('end', () => socket.end()).resume(); // its end is seen, whatever was answered
      return;
    }
    const peer = new RawPeer(socket, { ...options, client: false, on: reaction(options) }, request.rest);
    if (options.reads === false) peer.pause();
    this.peers.push(peer);
    const waiting = this.#wake;
    this.#wake = [];
    for (const wake of waiting) wake();
  }
}

function reaction(options: RawServerOptions): NonNullable<PeerOptions['on']> {
  return (received, peer) => {
    options.on?.(received, peer);
    if (!options.echo || (received.kind !== 'text' && received.kind !== 'binary')) return;
    peer.write(encode({ opcode: received.kind === 'text' ? 1 : 2, payload: received.payload }, false));
  };
}

/** Good and bad ways to answer an upgrade. */
export const ANSWERS = {
  /** As RFC 6455 §4.2.2 says, with the first subprotocol that was offered. */
  accept: (socket, request) => accept(socket, request),
  wrongAccept: (socket, request) =>
    accept(socket, request, { 'Sec-WebSocket-Accept': acceptFor('another key') }),
  unaskedExtension: (socket, request) =>
    accept(socket, request, { 'Sec-WebSocket-Extensions': 'permessage-deflate' }),
  unaskedProtocol: (socket, request) =>
    accept(socket, request, { 'Sec-WebSocket-Protocol': 'never.offered' }),
  garbage: (socket) => leave(socket.end(Buffer.from([0, 1, 2, 0xff, 0xfe, 13, 10, 13, 10]))),
  /** Half of a 101, and then nothing. */
  halfway: (socket) => leave(socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: webso')),
  /** Takes the request and never answers. */
  silence: () => false,
  hangUp: (socket) => leave(socket.end()),
  reset: (socket) => leave(socket.resetAndDestroy()),
} satisfies Record<string, Answer>;

/** A 101 with these fields added or replaced. */
export function acceptWith(fields: Readonly<Record<string, string>>): Answer {
  return (socket, request) => accept(socket, request, fields);
}

/** A status in place of the 101, with a body and a header that no client should ever see. */
export function refuseWith(status: number): Answer {
  return (socket) =>
    leave(socket.end(`HTTP/1.1 ${status} No\r\nContent-Length: 6\r\nX-Secret: upstream\r\n\r\nsecret`));
}

/** Not a WebSocket, whatever was done to the socket. */
function leave(_done: unknown): false {
  return false;
}

function accept(socket: Socket, request: RawHead, fields: Readonly<Record<string, string>> = {}): true {
  const protocol = request.headers.get('sec-websocket-protocol')?.split(',')[0]?.trim();
  const all = {
    Upgrade: 'websocket',
    Connection: 'Upgrade',
    'Sec-WebSocket-Accept': acceptFor(request.headers.get('sec-websocket-key') ?? ''),
    ...(protocol && { 'Sec-WebSocket-Protocol': protocol }),
    ...fields,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join('')}\r\n`);
  return true;
}
