import { WebSocket } from 'ws';
import {
  encodeClaim,
  encodeControl,
  escapeText,
  isControlText,
  readGatewayControl,
  sessionProtocolOf,
  unescapeText,
  type Welcome,
} from '../../src/protocol/session-protocol.ts';

export interface ResumingOptions {
  readonly url: string;
  readonly ca?: string;
  /** What the application speaks; empty for nothing. */
  readonly protocol?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Its certificate and key. */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** More offers, tokens perhaps. */
  readonly offers?: readonly string[];
}

/** How a client has ended: by a Close, with its code and reason. */
export interface Closed {
  readonly code: number;
  readonly reason: string;
}

type Message = string | Buffer;

/**
 * The client of PROTOCOL.md, "Resuming", to the letter and no more: it comes back at once whenever its connection is lost,
 * until it gets a Close.
 */
export class ResumingClient {
  readonly #options: ResumingOptions;
  /** Everything that came from the server in the sessions so far, binary as a Buffer. */
  readonly received: Message[] = [];
  readonly welcomes: Welcome[] = [];
  /** Attempts that were lost before their `welcome`. */
  failures = 0;
  #unacknowledged: Message[] = [];
  /** Messages of ours that an `ack` covers. */
  acknowledged = 0;
  seen = 0;
  token: string | undefined;
  #socket: WebSocket | undefined;
  #moved: Readonly<Record<string, string>> = {};
  #ready = false;
  #stopped = false;
  #closed: Closed | undefined;
  #wake: (() => void)[] = [];

  constructor(options: ResumingOptions) {
    this.#options = options;
    this.#connect();
  }

  /** Sends now or as soon as there is a session; again after every loss, until it is acknowledged. */
  send(message: Message): void {
    this.#unacknowledged.push(message);
    if (this.#ready) this.#transmit(message);
  }

  /** Says something to the gateway, however wrong. */
  say(text: string): void {
    this.#socket?.send(text);
  }

  get connected(): boolean {
    return this.#ready;
  }

  /** Cuts the connection. It comes back by itself. */
  cut(): void {
    this.#socket?.terminate();
  }

  /** Cuts the connection, and stays away. */
  leave(): void {
    this.#stopped = true;
    this.#socket?.terminate();
  }

  /** From its next connection on it sends other headers. */
  moveTo(headers: Readonly<Record<string, string>>): void {
    this.#moved = headers;
  }

  /** Comes back after `leave`. */
  comeBack(): void {
    this.#stopped = false;
    this.#closed = undefined;
    this.#connect();
  }

  close(code = 1000): void {
    this.#stopped = true;
    this.#socket?.close(code);
  }

  async until(holds: (client: ResumingClient) => boolean): Promise<void> {
    while (!holds(this)) await new Promise<void>((wake) => this.#wake.push(wake));
  }

  /** The code of the last Close that came; undefined if none did. */
  get lastClose(): number | undefined {
    return this.#closed?.code;
  }

  async closed(): Promise<Closed> {
    await this.until(() => this.#closed !== undefined);
    return this.#closed!;
  }

  #connect(): void {
    const { url, ca, protocol = '', tls, offers = [] } = this.#options;
    const headers = { ...this.#options.headers, ...this.#moved };
    const claim = this.token === undefined ? [] : [encodeClaim({ token: this.token, seen: this.seen })];
    const names = [protocol, sessionProtocolOf(protocol), ...claim, ...offers].filter((name) => name !== '');
    const socket = new WebSocket(url, names, { headers, ...tls, ...(ca !== undefined && { ca }) });
    this.#socket = socket;
    let greeted = false;
    socket.on('message', (data, binary) => {
      greeted = true;
      if (binary || !isControlText(String(data)))
        this.#receive(binary ? (data as Buffer) : unescapeText(String(data)));
      else this.#hear(String(data));
      this.#stir();
    });
    socket.on('error', () => {});
    socket.on('close', (code, reason) => {
      this.#ready = false;
      if (!greeted) this.failures++;
      if (code !== 1006) this.#closed = { code, reason: reason.toString() };
      else if (!this.#stopped) this.#connect();
      this.#stir();
    });
  }

  #hear(text: string): void {
    const message = readGatewayControl(text);
    if (message === 'malformed' || message === undefined) throw new Error(`the gateway says ${text}`);
    if (message.type === 'ack') this.#acknowledge(message.seen);
    if (message.type !== 'welcome') return;
    this.welcomes.push(message);
    this.token = message.token;
    if (message.resumed) {
      if (message.next !== this.seen + 1) throw new Error(`next is ${message.next} after ${this.seen}`);
      this.#acknowledge(message.seen);
    } else {
      this.seen = 0;
      this.acknowledged = 0;
    }
    this.#ready = true;
    this.#socket!.send(encodeControl({ type: 'ack', seen: this.seen }));
    for (const each of this.#unacknowledged) this.#transmit(each);
  }

  #acknowledge(seen: number): void {
    if (seen > this.acknowledged + this.#unacknowledged.length)
      throw new Error('acknowledges what was not sent');
    if (seen < this.acknowledged) throw new Error('takes an acknowledgement back');
    this.#unacknowledged.splice(0, seen - this.acknowledged);
    this.acknowledged = seen;
  }

  #receive(message: Message): void {
    this.received.push(message);
    this.seen++;
    this.#socket!.send(encodeControl({ type: 'ack', seen: this.seen }));
  }

  #transmit(message: Message): void {
    this.#socket!.send(typeof message === 'string' ? escapeText(message) : message);
  }

  #stir(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }
}
