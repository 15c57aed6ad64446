import { Client } from '../../src/client/client.ts';
import type { StateChanged } from '../../src/client/events.ts';
import type { ClientOptions } from '../../src/client/options.ts';
import type { Network, Sendable, SocketEvent, SocketLike, Timers } from '../../src/client/platform.ts';

/** Time that stands until it is moved. */
export class ManualTimers implements Timers {
  readonly #due = new Map<number, { readonly at: number; readonly run: () => void }>();
  #now = 0;
  #last = 0;

  /** Timers that have not run. */
  get pending(): number {
    return this.#due.size;
  }

  now(): number {
    return this.#now;
  }

  set(run: () => void, ms: number): number {
    this.#due.set(++this.#last, { at: this.#now + ms, run });
    return this.#last;
  }

  clear(timer: unknown): void {
    this.#due.delete(timer as number);
  }

  /** Runs what is due in so many ms, in order. */
  advance(ms: number): void {
    const until = this.#now + ms;
    for (;;) {
      const [id, next] = [...this.#due].sort(([, a], [, b]) => a.at - b.at)[0] ?? [];
      if (id === undefined || next === undefined || next.at > until) break;
      this.#due.delete(id);
      this.#now = next.at;
      next.run();
    }
    this.#now = until;
  }
}

/** A WebSocket whose other end is the test. */
export class FakeSocket implements SocketLike {
  readonly url: string;
  readonly offers: readonly string[];
  /** What was sent, in order. */
  readonly sent: Sendable[] = [];
  /** How its `close` was called. */
  closedWith: readonly [code: number | undefined, reason: string | undefined] | undefined;
  readyState = 0;
  bufferedAmount = 0;
  protocol = '';
  binaryType = 'blob';
  readonly #listeners = new Map<string, (event: SocketEvent) => void>();

  constructor(url: string, offers: readonly string[] = []) {
    this.url = url;
    this.offers = offers;
  }

  addEventListener(type: string, listener: (event: SocketEvent) => void): void {
    this.#listeners.set(type, listener);
  }

  send(data: Sendable): void {
    if (this.readyState === 0) throw new Error('a socket that is not open yet was asked to send');
    this.sent.push(data);
  }

  close(code?: number, reason?: string): void {
    this.closedWith ??= [code, reason];
    if (this.readyState < 2) this.readyState = 2;
  }

  open(protocol = ''): void {
    if (this.readyState === 0) this.readyState = 1;
    this.protocol = protocol;
    this.#tell('open', {});
  }

  receive(data: unknown): void {
    this.#tell('message', { data });
  }

  /** The other end closes, or what the platform says of it. */
  end(code: number, reason = '', wasClean = true): void {
    this.readyState = 3;
    this.#tell('close', { code, reason, wasClean });
  }

  /** Something is wrong, and what became of it is told by a `close`. */
  stumble(message = ''): void {
    this.#tell('error', { message });
  }

  /** The upgrade is refused, or nobody is there. */
  fail(message = ''): void {
    this.readyState = 3;
    this.stumble(message);
    this.#tell('close', { code: 1006, reason: '', wasClean: false });
  }

  #tell(type: string, event: Omit<SocketEvent, 'type'>): void {
    this.#listeners.get(type)?.({ type, ...event });
  }
}

export class FakeNetwork implements Network {
  readonly watchers = new Set<() => void>();
  #online = true;

  online(): boolean {
    return this.#online;
  }

  watch(changed: () => void): () => void {
    this.watchers.add(changed);
    return () => this.watchers.delete(changed);
  }

  go(where: 'online' | 'offline'): void {
    this.#online = where === 'online';
    for (const changed of this.watchers) changed();
  }
}

/** A client on fake sockets, with time and network in the test's hands. Waits are half their bound. */
export class ClientBench {
  readonly timers = new ManualTimers();
  readonly network = new FakeNetwork();
  readonly sockets: FakeSocket[] = [];
  /** Everything it said, as `state`, `open`, … in order. */
  readonly events: Event[] = [];
  readonly client: Client;

  constructor(options: ClientOptions = {}) {
    const { sockets } = this;
    const WebSocket = class extends FakeSocket {
      constructor(url: string, offers?: string[]) {
        super(url, offers);
        sockets.push(this);
      }
    };
    const { timers, network } = this;
    this.client = new Client('wss://localhost/chat', {
      WebSocket,
      timers,
      network,
      random: () => 0.5,
      ...options,
    });
    for (const type of ['state', 'open', 'message', 'error', 'close'] as const)
      this.client.addEventListener(type, (event) => this.events.push(event));
  }

  /** The newest socket. */
  get socket(): FakeSocket {
    const socket = this.sockets.at(-1);
    if (!socket) throw new Error('the client has opened no socket');
    return socket;
  }

  get path(): string[] {
    return this.of('state').map((event) => (event as StateChanged).to);
  }

  of(type: string): Event[] {
    return this.events.filter((event) => event.type === type);
  }

  /** What is asynchronous in an attempt has been done. */
  async settle(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
  }

  /** Connects and is let in. */
  async open(protocol = ''): Promise<FakeSocket> {
    this.client.connect();
    await this.settle();
    this.socket.open(protocol);
    return this.socket;
  }

  /** Time passes until the next attempt has a socket. */
  async after(ms: number): Promise<void> {
    this.timers.advance(ms);
    await this.settle();
  }
}
