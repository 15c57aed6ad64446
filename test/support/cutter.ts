import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

interface Gateway {
  readonly port: number;
  readonly ca: string;
}

/** How many bytes a connection carries before it is cut; without a limit where absent. */
export interface Cut {
  /** From the client. */
  readonly up?: number;
  /** From the gateway. */
  readonly down?: number;
}

/**
 * A cable between a client that speaks plain TCP and a gateway that speaks TLS, so that it can be cut behind any byte of
 * what they say, and not only between two records.
 */
export class Cutter {
  /** For the connections to come, in order. */
  readonly cuts: Cut[];
  /** What each connection carried, from the client and from the gateway. */
  readonly carried: { up: number; down: number }[] = [];
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server, cuts: readonly Cut[], gateways: readonly Gateway[]) {
    this.#server = server;
    this.cuts = [...cuts];
    server.on('connection', (near) => this.#join(near, gateways[this.carried.length % gateways.length]!));
  }

  /** Of several gateways, each connection leads to the next. */
  static async listen(gateway: Gateway | readonly Gateway[], ...cuts: readonly Cut[]): Promise<Cutter> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new Cutter(server, cuts, [gateway].flat());
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }

  #join(near: Socket, { port, ca }: Gateway): void {
    const far = connectTls({ port, host: '127.0.0.1', servername: 'localhost', ca });
    const { up = Number.POSITIVE_INFINITY, down = Number.POSITIVE_INFINITY } = this.cuts.shift() ?? {};
    const carried = { up: 0, down: 0 };
    this.carried.push(carried);
    const cut = (): void => {
      near.destroy();
      far.destroy();
    };
    for (const socket of [near, far]) {
      this.#sockets.add(socket);
      socket.on('error', cut).on('close', () => this.#sockets.delete(socket));
    }
    carry(near, far, (bytes) => room(carried, 'up', up, bytes), cut);
    carry(far, near, (bytes) => room(carried, 'down', down, bytes), cut);
    if (up === 0 || down === 0) cut();
  }
}

/** How many of these bytes may pass. */
function room(
  carried: { up: number; down: number },
  way: 'up' | 'down',
  limit: number,
  bytes: number,
): number {
  const passing = Math.min(bytes, limit - carried[way]);
  carried[way] += passing;
  return carried[way] >= limit ? -passing - 1 : passing;
}

/** Passes on what may pass; a negative number is the last that may, less one. */
function carry(from: Socket, to: Socket, allow: (bytes: number) => number, cut: () => void): void {
  from.on('data', (chunk: Buffer) => {
    const allowed = allow(chunk.length);
    if (allowed >= 0) to.write(chunk);
    else to.write(chunk.subarray(0, -allowed - 1), cut); // what was let through arrives
  });
  from.on('end', () => to.end());
}
