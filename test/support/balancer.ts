import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** A small TCP balancer: each connection goes to the next target in turn that takes it, or is reset. */
export class Balancer {
  readonly port: number;
  readonly #server: Server;
  readonly #targets: number[] = [];
  readonly #sockets = new Set<Socket>();
  #turn = 0;

  private constructor(server: Server) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
    server.on('connection', (socket) => {
      socket.on('error', () => {});
      this.#place(socket, this.#targets.length);
    });
  }

  static async listen(): Promise<Balancer> {
    const server = createServer({ noDelay: true, pauseOnConnect: true }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new Balancer(server);
  }

  /** New connections may go there. */
  add(port: number): void {
    this.#targets.push(port);
  }

  /** New connections do not go there any more; those that are open stay. */
  remove(port: number): void {
    const at = this.#targets.indexOf(port);
    if (at >= 0) this.#targets.splice(at, 1);
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #place(near: Socket, attempts: number): void {
    const port = this.#targets[this.#turn++ % Math.max(1, this.#targets.length)];
    if (port === undefined || attempts === 0) {
      near.resetAndDestroy();
      return;
    }
    const far = connect({ port, host: '127.0.0.1', noDelay: true });
    const next = (): void => this.#place(near, attempts - 1);
    far.once('error', next).once('connect', () => {
      far.off('error', next);
      this.#join(near, far);
    });
  }

  #join(near: Socket, far: Socket): void {
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(from);
      from
        .on('error', () => to.destroy())
        .on('close', () => {
          this.#sockets.delete(from);
          to.destroySoon();
        });
      from.pipe(to);
    }
  }
}
