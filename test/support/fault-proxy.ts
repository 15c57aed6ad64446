import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { FaultyConnection } from './faulty-connection.ts';
import type { Direction, Toxics } from './toxics.ts';

export interface FaultProxyOptions {
  /** Of all that is left to chance: the same seed, the same jitter and the same slices. */
  readonly seed?: number;
}

/**
 * A cable that can be made bad: TCP from a port of its own to whatever port it is told, each direction with faults of its
 * own, changed while connections run. Without faults it only passes on.
 */
export class FaultProxy {
  readonly port: number;
  /** Where new connections lead; undefined: they are reset. */
  target: number | undefined;
  /** Connections that came so far, also those that were reset. */
  knocks = 0;
  readonly #server: Server;
  readonly #seed: number;
  readonly #connections = new Set<FaultyConnection>();
  #toxics: Readonly<Record<Direction, Toxics>> = { upstream: {}, downstream: {} };

  private constructor(server: Server, target: number, seed: number) {
    this.#server = server;
    this.#seed = seed;
    this.target = target;
    this.port = (server.address() as AddressInfo).port;
    server.on('connection', (socket) => this.#join(socket));
  }

  static async listen(target: number, { seed = 1 }: FaultProxyOptions = {}): Promise<FaultProxy> {
    const server = createServer({ allowHalfOpen: true, noDelay: true }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new FaultProxy(server, target, seed);
  }

  /** Connections that are open. */
  get open(): number {
    return this.#connections.size;
  }

  /** What goes wrong from now on in this direction, for connections that are open too, in place of what did. */
  infect(direction: Direction, toxics: Toxics): void {
    this.#toxics = { ...this.#toxics, [direction]: toxics };
    for (const each of this.#connections) each.infect(direction, toxics);
  }

  /** Nothing passes in either direction, and nothing says so. */
  partition(): void {
    for (const direction of ['upstream', 'downstream'] as const) this.infect(direction, { timeout: 0 });
  }

  /** Nothing goes wrong any more; what was held up goes on. */
  heal(): void {
    for (const direction of ['upstream', 'downstream'] as const) this.infect(direction, {});
  }

  /** Resets every connection. */
  cut(): void {
    for (const each of this.#connections) each.reset();
  }

  /** Resets every connection, and nobody listens any more: who comes is refused. */
  async down(): Promise<void> {
    this.cut();
    if (!this.#server.listening) return;
    this.#server.close();
    await once(this.#server, 'close');
  }

  /** Listens again, where it did. */
  async up(): Promise<void> {
    if (this.#server.listening) return;
    this.#server.listen(this.port, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  close(): Promise<void> {
    return this.down();
  }

  #join(near: Socket): void {
    this.knocks++;
    if (this.target === undefined) {
      near.on('error', () => {}).resetAndDestroy();
      return;
    }
    const seed = this.#seed + 2 * this.knocks;
    const connection = new FaultyConnection(near, this.target, this.#toxics, seed, () =>
      this.#connections.delete(connection),
    );
    this.#connections.add(connection);
  }
}
