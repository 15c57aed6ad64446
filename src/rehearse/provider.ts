import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Pair } from '../edge/development-ca.ts';

/** How a provider behaves: well, after so many milliseconds, or not at all (connections are reset). */
export type Manner = 'well' | 'away' | { readonly slow: number };

export const KEY_ID = 'rehearsal';

/** An identity provider that is a key set over HTTPS and the key that signs. */
export class Provider {
  readonly url: string;
  /** Signs the tokens; PKCS #8, PEM. */
  readonly privateKey: string;
  manner: Manner = 'well';
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server, privateKey: string) {
    this.#server = server;
    this.privateKey = privateKey;
    this.url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  static async listen(pair: Pair): Promise<Provider> {
    const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const jwk = { ...keys.publicKey.export({ format: 'jwk' }), kid: KEY_ID, alg: 'ES256', use: 'sig' };
    const body = JSON.stringify({ keys: [jwk] });
    const server = createServer(pair);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const provider = new Provider(server, String(keys.privateKey.export({ type: 'pkcs8', format: 'pem' })));
    server.on('connection', (socket: Socket) => provider.#connection(socket));
    server.on('request', (_request, response) => {
      const { manner } = provider;
      const answer = (): void => void response.setHeader('content-type', 'application/json').end(body);
      if (typeof manner === 'object') setTimeout(answer, manner.slow).unref();
      else answer();
    });
    return provider;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #connection(socket: Socket): void {
    if (this.manner === 'away') socket.resetAndDestroy();
    this.#sockets.add(socket);
    socket.on('error', () => {}).on('close', () => this.#sockets.delete(socket));
  }
}
