import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import { Client, type ClientOptions } from '../../src/client/index.ts';

/** A backend that writes down each message `name:number` that it gets, and says it back. */
export class Ledger {
  readonly #server: WebSocketServer;
  /** How often each number came, and when the last of each name did, monotonic milliseconds. */
  readonly #times = new Map<string, Map<number, number>>();
  readonly #lastAt = new Map<string, number>();
  /** The longest time between two messages of one name, in milliseconds. */
  longestGap = 0;

  private constructor(server: WebSocketServer) {
    this.#server = server;
    server.on('connection', (socket) =>
      socket.on('message', (data) => {
        this.#write(String(data));
        socket.send(String(data));
      }),
    );
  }

  static async listen(): Promise<Ledger> {
    const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
    await once(server, 'listening');
    return new Ledger(server);
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Different messages that came under this name. */
  distinct(name: string): number {
    return this.#times.get(name)?.size ?? 0;
  }

  has(name: string, number: number): boolean {
    return this.#times.get(name)?.has(number) ?? false;
  }

  /** Messages that had come before. */
  repeated(name: string): number {
    return [...(this.#times.get(name)?.values() ?? [])].reduce((sum, times) => sum + times - 1, 0);
  }

  close(): void {
    for (const client of this.#server.clients) client.terminate();
    this.#server.close();
  }

  #write(text: string): void {
    const [name = '', number] = text.split(':');
    const times = this.#times.get(name) ?? new Map<number, number>();
    this.#times.set(name, times.set(Number(number), (times.get(Number(number)) ?? 0) + 1));
    const now = performance.now();
    this.longestGap = Math.max(this.longestGap, now - (this.#lastAt.get(name) ?? now));
    this.#lastAt.set(name, now);
  }
}

/** A client of the SDK that trusts this authority and comes back quickly. */
export function sdkClient(url: string, ca: string, options: ClientOptions = {}): Client {
  const Trusting = class extends WebSocket {
    constructor(address: string, protocols: string[] = []) {
      super(address, protocols, { ca, family: 4 });
    }
  };
  const client = new Client(url, {
    WebSocket: Trusting,
    resume: true,
    reconnect: { base: 20, cap: 500, stableAfter: 0 },
    ...options,
  });
  client.connect();
  return client;
}

/** Sends `name:0`, `name:1`, … as fast as it is told, whatever becomes of the connection. */
export class Talker {
  readonly name: string;
  readonly client: Client;
  sent = 0;
  readonly #timer: NodeJS.Timeout;

  constructor(name: string, client: Client, every: number) {
    this.name = name;
    this.client = client;
    this.#timer = setInterval(() => this.client.send(`${name}:${this.sent++}`), every);
  }

  /** Sends no more. Resolves with how many were never acknowledged when the last answer has come, or the time is over, and after some patience. */
  async finish(ledger: Ledger, deadline: number, patience = 1_200): Promise<number> {
    clearInterval(this.#timer);
    const until = performance.now() + deadline;
    while (ledger.distinct(this.name) < this.sent && performance.now() < until)
      await new Promise((resolve) => setTimeout(resolve, 20));
    // What is not acknowledged by now is to be: acknowledgements come within a second.
    await new Promise((resolve) => setTimeout(resolve, patience));
    const closed = new Promise<number>((resolve) =>
      this.client.addEventListener('close', ({ unsent }) => resolve(unsent)),
    );
    this.client.close();
    return await closed;
  }
}
