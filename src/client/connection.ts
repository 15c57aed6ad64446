import {
  escapeText,
  isControlText,
  plainProtocolOf,
  readGatewayControl,
  unescapeText,
  type Welcome,
} from '../protocol/session-protocol.ts';
import { Desk } from './desk.ts';
import { ClientError, type ClientErrorCode } from './error.ts';
import type { Opening } from './events.ts';
import { Heartbeat } from './heartbeat.ts';
import { readToken, type Settings, type TokenRequest } from './options.ts';
import { OPEN, type Sendable, type SocketEvent, type SocketLike } from './platform.ts';
import type { Resumption } from './resumption.ts';
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
  /** With what the credential has left, in ms, if it is known. */
  opened(opening: Opening, expires: number | undefined): void;
  /** The credential was renewed by other means. */
  renewed(session: string | undefined, expires: number | undefined): void;
  received(data: unknown): void;
  ended(end: End): void;
}

/** Where a browser that cannot set headers puts a token, or a ticket (PROTOCOL.md). */
const BEARER = 'bearer.';
const TICKET = 'ticket.';

/** A client that says so comes back to its session; 1001 is not for scripts of browsers. */
const DETACHED = 4010;

/** One attempt: a token, a socket, and its end. */
export class Connection {
  readonly #settings: Settings;
  readonly #host: ConnectionHost;
  /** Undefined where no session is asked for. */
  readonly #resumption: Resumption | undefined;
  readonly #abort = new AbortController();
  readonly #heartbeat: Heartbeat | undefined;
  #binaryType: string;
  #socket: SocketLike | undefined;
  /** The token or ticket: no error repeats it. */
  #secret = '';
  #session: string | undefined;
  #expires: number | undefined;
  /** Whether the gateway keeps a session around the connection: then it opens with a welcome, and messages are counted. */
  #wrapped = false;
  /** Of the opening, and later of the closing. */
  #timer: unknown;
  #open = false;
  #over = false;

  constructor(
    settings: Settings,
    binaryType: string,
    host: ConnectionHost,
    resumption: Resumption | undefined,
  ) {
    const { heartbeat, timers } = settings;
    this.#settings = settings;
    this.#resumption = resumption;
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
    const protocol = this.#socket?.protocol ?? '';
    return plainProtocolOf(protocol) ?? protocol;
  }

  get bufferedAmount(): number {
    return this.#socket?.bufferedAmount ?? 0;
  }

  /** Whether what is sent now would go out: a socket that is closing takes messages and forgets them. */
  get writable(): boolean {
    return !this.#over && this.#open && this.#socket?.readyState === OPEN;
  }

  /** Whether there is also room to keep it until it is acknowledged. */
  get hasRoom(): boolean {
    return this.writable && (!this.#wrapped || this.#resumption!.hasRoom);
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
    if (!this.#wrapped) {
      this.#socket?.send(data);
      return;
    }
    this.#resumption!.keep(data);
    this.#sendEscaped(data);
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
    if (this.#wrapped && this.#socket?.readyState === OPEN) this.#socket.close(DETACHED);
    else this.#socket?.close();
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
    const { protocols } = this.#settings;
    const credential = await this.#credential(request);
    return [...protocols, ...(this.#resumption?.offers() ?? []), ...credential];
  }

  /** The token, or a ticket for it, as a subprotocol; nothing where there is neither. */
  async #credential(request: TokenRequest): Promise<string[]> {
    const { getToken, ticket } = this.#settings;
    const { token, expiresIn } = getToken
      ? readToken(await getToken(request))
      : { token: undefined, expiresIn: undefined };
    this.#expires = expiresIn;
    this.#secret = token ?? '';
    if (!ticket) return token === undefined ? [] : [BEARER + token];
    try {
      const given = await new Desk(this.#settings).ticket(token, request.signal);
      this.#session = given.session;
      this.#secret = given.ticket;
      return [TICKET + given.ticket];
    } catch (cause) {
      throw new ClientError('ticket_failed', { cause });
    }
  }

  #listen(socket: SocketLike): void {
    this.#socket = socket;
    socket.binaryType = this.#binaryType;
    socket.addEventListener('open', () => this.#accepted());
    socket.addEventListener('message', ({ data }: SocketEvent) => this.#received(data));
    socket.addEventListener('error', ({ message = '' }: SocketEvent) => {
      if (!this.#open) this.#fail('connect_failed', message);
    });
    socket.addEventListener('close', (event: SocketEvent) => {
      if (!this.#open && !this.#wrapped) return this.#fail('connect_failed');
      this.#end({
        code: event.code ?? ABNORMAL,
        reason: event.reason ?? '',
        wasClean: event.wasClean ?? false,
      });
    });
  }

  /** The upgrade has been accepted. A session around it begins with a welcome, and only then is anything sent. */
  #accepted(): void {
    if (this.#over || this.#open || this.#wrapped) return;
    this.#wrapped = this.#resumption !== undefined && plainProtocolOf(this.#socket!.protocol) !== undefined;
    if (this.#wrapped) return;
    // This server knows of no session.
    for (const data of this.#resumption?.abandon() ?? []) this.#socket!.send(data);
    this.#opened({ session: this.#session, resumed: false, reason: undefined });
  }

  #opened(opening: Opening): void {
    this.#open = true;
    this.#settings.timers.clear(this.#timer);
    this.#heartbeat?.start();
    this.#host.opened(opening, this.#expires);
  }

  #received(data: unknown): void {
    if (this.#over) return;
    this.#heartbeat?.heard();
    if (!this.#wrapped) this.#host.received(data);
    else if (typeof data === 'string' && isControlText(data)) this.#controlled(data);
    else if (!this.#open) this.#fail('session_malformed');
    else {
      this.#resumption!.received(data);
      this.#host.received(typeof data === 'string' ? unescapeText(data) : data);
    }
  }

  #controlled(text: string): void {
    const message = readGatewayControl(text);
    if (message === undefined) return; // of a newer gateway
    if (message === 'malformed') this.#malformed();
    else if (message.type === 'welcome') this.#welcomed(message);
    else if (message.type === 'expires') this.#host.renewed(this.#session, message.expires);
    else if (!this.#resumption!.acknowledged(message.seen)) this.#malformed();
  }

  #welcomed(welcome: Welcome): void {
    const say = (text: string): void => this.#socket?.send(text);
    const again = this.#open ? undefined : this.#resumption!.welcomed(welcome, say);
    if (!again) {
      this.#malformed();
      return;
    }
    for (const data of again) this.#sendEscaped(data);
    const { session, resumed, reason, expires } = welcome;
    this.#session = session;
    this.#expires = expires;
    this.#opened({ session, resumed, reason });
  }

  #sendEscaped(data: Sendable): void {
    this.#socket?.send(typeof data === 'string' ? escapeText(data) : data);
  }

  /** What counts differently here and there cannot be mended: the next connection begins anew. */
  #malformed(): void {
    this.#resumption?.ended();
    this.#fail('session_malformed');
  }

  #expectWithin(ms: number, code: ClientErrorCode): void {
    this.#timer = this.#settings.timers.set(() => this.#fail(code), ms);
  }

  /** `detail` is what the platform says; if it holds the token or ticket, it is not repeated. */
  #fail(code: ClientErrorCode, detail = ''): void {
    const quotes = this.#secret !== '' && detail.includes(this.#secret);
    this.#end({ ...NO_CLOSE, error: new ClientError(code, quotes ? {} : { detail }) });
  }

  #end(end: End): void {
    if (this.#over) return;
    // A Close that came ends the session too.
    if (end.wasClean && end.code !== ABNORMAL) this.#resumption?.ended();
    this.drop();
    this.#resumption?.lost();
    this.#host.ended(end);
  }
}

const NO_CLOSE: End = { code: ABNORMAL, reason: '', wasClean: false };

function errorOf(cause: unknown): ClientError {
  return cause instanceof ClientError ? cause : new ClientError('token_failed', { cause });
}
