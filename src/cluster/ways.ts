import { SSL_OP_NO_TICKET } from 'node:constants';
import { once } from 'node:events';
import { chmodSync, existsSync, rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import {
  connect as connectTls,
  createServer as createTlsServer,
  type TLSSocket,
  type Server as TlsServer,
} from 'node:tls';
import { isDeepStrictEqual } from 'node:util';

/** How a process is reached by others, and reaches them. */
export interface Way {
  /** Opens what others connect to; what it says of it, for them to know. */
  listen(onSocket: (socket: Socket) => void): Promise<string>;
  /** A connection to the process of this name, of which the other said this; undefined if there is none to be had. */
  connect(node: string, address: string | undefined): Promise<Socket | undefined>;
  /** Reads what it proves itself with anew. @throws Error for files that cannot be used */
  renew?(): void;
  close(): void;
}

/** For a connection, in milliseconds. */
const CONNECT_TIMEOUT = 2_000;

/**
 * Between the workers of one machine: sockets in a folder that only their own user may enter, which is all the proof there
 * is or need be. A name is of hexadecimal digits, so it leads nowhere else.
 */
export class FolderWay implements Way {
  readonly #folder: string;
  #server: Server | undefined;
  #path = '';

  /** @param own the name of this process */
  constructor(folder: string, own: string) {
    this.#folder = folder;
    this.#path = this.#pathOf(own);
  }

  async listen(onSocket: (socket: Socket) => void): Promise<string> {
    this.#server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, onSocket).listen(this.#path);
    await once(this.#server, 'listening');
    chmodSync(this.#path, 0o600);
    return '';
  }

  async connect(node: string): Promise<Socket | undefined> {
    const path = this.#pathOf(node);
    return existsSync(path) ? connected(connect({ path, allowHalfOpen: true }), 'connect') : undefined;
  }

  close(): void {
    this.#server?.close();
    rmSync(this.#path, { force: true });
  }

  #pathOf(node: string): string {
    return join(this.#folder, `${node}.sock`);
  }
}

/** How nodes prove to each other that they are of one cluster. */
export interface Papers {
  readonly cert: string;
  readonly key: string;
  /** Whoever has a certificate of this authority is a node. */
  readonly ca: string;
}

export interface TlsPlace {
  readonly host: string;
  readonly port: number;
  /** The host that others connect to; the one above where absent. */
  readonly advertise?: string | undefined;
  papers(): Papers;
}

/** Between machines: TLS 1.3, in which both sides show a certificate of the cluster's own authority. */
export class TlsWay implements Way {
  readonly #place: TlsPlace;
  #server: TlsServer | undefined;
  /** What it shows to those who connect. */
  #papers: Papers | undefined;

  constructor(place: TlsPlace) {
    this.#place = place;
  }

  async listen(onSocket: (socket: Socket) => void): Promise<string> {
    const { host, port, advertise, papers } = this.#place;
    this.#papers = papers();
    const server = createTlsServer(
      {
        ...this.#options(this.#papers),
        requestCert: true,
        // Node takes a session that is resumed for authorized, whatever it was: there are none.
        secureOptions: SSL_OP_NO_TICKET,
        handshakeTimeout: CONNECT_TIMEOUT,
        allowHalfOpen: true,
      },
      (socket) => (isNode(socket) ? onSocket(socket.pause()) : socket.destroy()),
    );
    server.on('tlsClientError', (_error, socket) => socket.destroy());
    this.#server = server.listen(port, host);
    await once(server, 'listening');
    const { port: bound } = server.address() as { port: number };
    return `${advertise ?? (host.includes(':') ? `[${host}]` : host)}:${bound}`;
  }

  renew(): void {
    const papers = this.#place.papers();
    if (isDeepStrictEqual(papers, this.#papers)) return;
    this.#server?.setSecureContext(this.#options(papers));
    this.#papers = papers;
  }

  async connect(_node: string, address: string | undefined): Promise<Socket | undefined> {
    const [, host, port] = /^\[?(.+?)\]?:(\d{1,5})$/.exec(address ?? '') ?? [];
    if (host === undefined) return undefined;
    const options = { ...this.#options(this.#place.papers()), host, port: Number(port), allowHalfOpen: true };
    // Machines come and go; what counts is who vouches for them.
    const socket = connectTls({ ...options, checkServerIdentity: () => undefined });
    const open = await connected(socket, 'secureConnect');
    if (open && isNode(socket)) return open;
    socket.destroy();
    return undefined;
  }

  close(): void {
    this.#server?.close();
  }

  #options(papers: Papers) {
    return {
      ...papers,
      rejectUnauthorized: true,
      minVersion: 'TLSv1.3',
      noDelay: true,
    } as const;
  }
}

/** Verified, and with a certificate indeed. */
function isNode(socket: TLSSocket): boolean {
  return socket.authorized && !socket.isSessionReused() && socket.getPeerX509Certificate() !== undefined;
}

function connected(socket: Socket, event: 'connect' | 'secureConnect'): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const settle = (open: boolean): void => {
      clearTimeout(timer);
      socket.off(event, onOpen).off('close', onClose);
      if (!open) socket.destroy();
      resolve(open ? socket : undefined);
    };
    const onOpen = (): void => settle(true);
    const onClose = (): void => settle(false);
    const timer = setTimeout(onClose, CONNECT_TIMEOUT);
    socket.on('error', ignore).once(event, onOpen).once('close', onClose);
  });
}

/** A close follows, and says all there is to say. */
const ignore = (): void => {};
