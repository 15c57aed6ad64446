import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** Where a balancer may send a connection. */
export interface Destination {
  /** 127.0.0.1 if left out. */
  readonly host?: string;
  /** Undefined while nobody listens. */
  readonly port: number | undefined;
  /** Whether its health check says that it wants new connections. */
  readonly ready: boolean;
}

/**
 * A TCP balancer: each connection goes to the next node that is ready and takes it. Behind a door with addresses it says
 * with PROXY protocol whom it speaks for, so that those who come by different doors have different ones.
 */
export class Balancer {
  readonly #nodes: readonly Destination[];
  readonly #servers: Server[] = [];
  /** By door. */
  readonly #pairs = new Map<string, Set<Socket>>();
  #turn = 0;

  constructor(nodes: readonly Destination[]) {
    this.#nodes = nodes;
  }

  /** Opens a port; `addressOf` gives the IPv4 address of its n-th connection, if that is to be said. */
  async open(door: string, addressOf?: (serial: number) => string): Promise<number> {
    const server = createServer({ noDelay: true });
    this.#servers.push(server);
    this.#pairs.set(door, new Set());
    let serial = 0;
    server.on('connection', (near: Socket) => void this.#join(near, door, addressOf?.(serial++)));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  }

  /** Resets this share of the connections of a door. */
  cut(door: string, share: number): number {
    const pairs = [...this.#pairs.get(door)!];
    const cut = pairs.slice(0, Math.round(pairs.length * share));
    for (const near of cut) near.resetAndDestroy();
    return cut.length;
  }

  close(): void {
    for (const server of this.#servers) server.close();
    for (const pairs of this.#pairs.values()) for (const near of pairs) near.destroy();
  }

  async #join(near: Socket, door: string, address: string | undefined): Promise<void> {
    const pairs = this.#pairs.get(door)!;
    pairs.add(near);
    near.on('error', () => {}).on('close', () => pairs.delete(near));
    const far = await this.#reach();
    if (!far || near.destroyed) {
      far?.destroy();
      near.resetAndDestroy();
      return;
    }
    if (address !== undefined)
      far.write(`PROXY TCP4 ${address} 127.0.0.1 ${near.remotePort} ${near.localPort}\r\n`);
    far.on('error', () => near.destroy()).on('close', () => near.destroy());
    near.on('close', () => far.destroy());
    near.pipe(far).pipe(near);
  }

  /** A connection to the next node that takes one. */
  async #reach(): Promise<Socket | undefined> {
    const turn = this.#turn++;
    const ready = this.#nodes.filter((node) => node.ready);
    const nodes = ready.length > 0 ? ready : this.#nodes; // who has no better choice tries what there is
    for (let i = 0; i < nodes.length; i++) {
      const { host = '127.0.0.1', port } = nodes[(turn + i) % nodes.length]!;
      const socket = port === undefined ? undefined : await reached(host, port);
      if (socket) return socket;
    }
    return undefined;
  }
}

function reached(host: string, port: number): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, noDelay: true });
    socket.once('connect', () => resolve(socket));
    socket.once('error', () => resolve(undefined));
  });
}
