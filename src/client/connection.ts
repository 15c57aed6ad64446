import { isToken } from '../protocol/tokens.ts';
import { ClientError, type ClientErrorCode } from './error.ts';
import { Heartbeat } from './heartbeat.ts';
import type { Settings, TokenRequest } from './options.ts';
import { OPEN, type Sendable, type SocketEvent, type SocketLike } from './platform.ts';
import { ABNORMAL } from './verdict.ts';

/** How a connection ended. */
export interface End {
  readonly code: number;
  readonly reason: string;
  readonly wasClean: boolean;
  /** What failed, where the client saw it fail. */
  readonly error?: ClientError;
}

/** Who is told of a connection: `opened` at most once, `ended` once and last, nothing after `drop`. */
export interface ConnectionHost {
  opened(): void;
  received(data: unknown): void;
  ended(end: End): void;
}

/** Where a browser that cannot set headers puts a token (PROTOCOL.md). */
const BEARER = 'bearer.';

/** One attempt: a token, a socket, and its end. */
export class Connection {
  readonly #settings: Settings;
  readonly #host: ConnectionHost;
  readonly #abort = new AbortController();
  readonly #heartbeat: Heartbeat | undefined;
  #binaryType: string;
  #socket: SocketLike | undefined;
  #token = '';
  /** Of the opening, and later of the closing. */
  #timer: unknown;
  #open = false;
  #over = false;

  constructor(settings: Settings, binaryType: string, host: ConnectionHost) {
    const { heartbeat, timers } = settings;
    this.#settings = settings;
    this.#binaryType = binaryType;
    this.#host = host;
    this.#heartbeat =
      heartbeat &&
      new Heartbeat(heartbeat, timers, {
        send: (data) => this.writable && this.send(data),
        dead: () => this.#fail('heartbeat_missed'),
      });
  }

  get protocol(): string {
    return this.#socket?.protocol ?? '';
  }

  get bufferedAmount(): number {
    return this.#socket?.bufferedAmount ?? 0;
  }

  /** Whether what is sent now would go out: a socket that is closing takes messages and forgets them. */
  get writable(): boolean {
    return !this.#over && this.#socket?.readyState === OPEN;
  }

  set binaryType(type: string) {
    this.#binaryType = type;
    if (this.#socket) this.#socket.binaryType = type;
  }

  start(request: Omit<TokenRequest, 'signal'>): void {
    this.#expectWithin(this.#settings.connectTimeout, 'connect_timeout');
    void this.#begin({ ...request, signal: this.#abort.signal });
  }

  send(data: Sendable): void {
    this.#socket?.send(data);
  }

  /** Ends with a closing handshake, or without if that takes too long. */
  close(code: number, reason: string): void {
    if (this.#over) return;
    this.#heartbeat?.stop();
    this.#settings.timers.clear(this.#timer);
    this.#timer = this.#settings.timers.set(() => this.#end(NO_CLOSE), this.#settings.closeTimeout);
    this.#socket?.close(code, reason);
  }

  /** Lets go of it: nobody is told anything any more. */
  drop(): void {
    if (this.#over) return;
    this.#over = true;
    this.#heartbeat?.stop();
    this.#settings.timers.clear(this.#timer);
    this.#abort.abort();
    // its listeners stay: `ws` throws an error that nobody hears
    this.#socket?.close();
  }

  async #begin(request: TokenRequest): Promise<void> {
    await null; // getToken may do anything, also close the client, but not amid the step that led here
    if (this.#over) return;
    let offers: string[];
    try {
      offers = await this.#offers(request);
    } catch (cause) {
      return this.#end({ ...NO_CLOSE, error: errorOf(cause) });
    }
    if (this.#over) return;
    try {
      this.#listen(new this.#settings.WebSocket(this.#settings.url, offers));
    } catch {
      this.#fail('connect_failed'); // without the cause: browsers quote the subprotocol in it
    }
  }

  async #offers(request: TokenRequest): Promise<string[]> {
    const { protocols, getToken } = this.#settings;
    if (!getToken) return [...protocols];
    const token = await getToken(request);
    if (typeof token !== 'string' || !isToken(token)) throw new ClientError('token_malformed');
    this.#token = token;
    return [...protocols, BEARER + token];
  }

  #listen(socket: SocketLike): void {
    this.#socket = socket;
    socket.binaryType = this.#binaryType;
    socket.addEventListener('open', () => this.#opened());
    socket.addEventListener('message', ({ data }: SocketEvent) => this.#received(data));
    socket.addEventListener('error', ({ message = '' }: SocketEvent) => {
      if (!this.#open) this.#fail('connect_failed', message);
    });
    socket.addEventListener('close', (event: SocketEvent) => {
      if (!this.#open) return this.#fail('connect_failed');
      this.#end({
        code: event.code ?? ABNORMAL,
        reason: event.reason ?? '',
        wasClean: event.wasClean ?? false,
      });
    });
  }

  #opened(): void {
    if (this.#over || this.#open) return;
    this.#open = true;
    this.#settings.timers.clear(this.#timer);
    this.#heartbeat?.start();
    this.#host.opened();
  }

  #received(data: unknown): void {
    if (this.#over) return;
    this.#heartbeat?.heard();
    this.#host.received(data);
  }

  #expectWithin(ms: number, code: ClientErrorCode): void {
    this.#timer = this.#settings.timers.set(() => this.#fail(code), ms);
  }

  /** `detail` is what the platform says; if it holds the token, it is not repeated. */
  #fail(code: ClientErrorCode, detail = ''): void {
    const quotes = this.#token !== '' && detail.includes(this.#token);
    this.#end({ ...NO_CLOSE, error: new ClientError(code, quotes ? {} : { detail }) });
  }

  #end(end: End): void {
    if (this.#over) return;
    this.drop();
    this.#host.ended(end);
  }
}

const NO_CLOSE: End = { code: ABNORMAL, reason: '', wasClean: false };

function errorOf(cause: unknown): ClientError {
  return cause instanceof ClientError ? cause : new ClientError('token_failed', { cause });
}
