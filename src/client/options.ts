import { isReservedProtocol } from '../protocol/session-protocol.ts';
import { isToken } from '../protocol/tokens.ts';
import type { ReconnectOptions } from './backoff.ts';
import { ClientError } from './error.ts';
import type { HeartbeatOptions } from './heartbeat.ts';
import {
  type Fetch,
  type Network,
  platformNetwork,
  platformSocket,
  type SocketClass,
  systemTimers,
  type Timers,
} from './platform.ts';
import type { QueueOptions } from './queue.ts';

/** What a token is asked for. */
export interface TokenRequest {
  /** The last token was refused (close code 3000): one that was kept will not do. */
  readonly fresh: boolean;
  /** Attempts in a row that have failed so far. */
  readonly failures: number;
  /** Aborted when nobody waits for the token any more. */
  readonly signal: AbortSignal;
}

/** A token; with what it has left, in ms, where the client shall renew it and nobody else says when. */
export type Token = string | { readonly token: string; readonly expiresIn?: number };

export interface ClientOptions {
  /** Subprotocols that the application speaks. */
  readonly protocols?: readonly string[];
  /** Asked before every connection, and before the token runs out. It travels as the subprotocol `bearer.<token>`. */
  readonly getToken?: (request: TokenRequest) => Promise<Token> | Token;
  /** Changes the token, or the cookie, into a ticket for one socket before each connection. Off if left out. */
  readonly ticket?: boolean;
  /** Brings a new token before the old one of an open session runs out. On if left out, where there is a `getToken`. */
  readonly refresh?: boolean;
  /** Comes back to the session that was lost, where the gateway keeps it (PROTOCOL.md). Off if left out. */
  readonly resume?: boolean;
  /**
   * What becomes of messages that may have arrived, or not, when a session could not be resumed: sent again, which may
   * repeat some, or dropped, which may lose some. `resend` if left out.
   */
  readonly unacknowledged?: 'resend' | 'drop';
  readonly reconnect?: ReconnectOptions;
  readonly queue?: QueueOptions;
  readonly heartbeat?: HeartbeatOptions;
  /** For the token and the opening together, in ms. 10,000 if left out. */
  readonly connectTimeout?: number;
  /** For the answer to a Close, in ms. 5,000 if left out. */
  readonly closeTimeout?: number;
  /** Nothing more is given to a socket that holds so many bytes unsent. 1,048,576 (1 MiB) if left out. */
  readonly highWater?: number;
  /** Ends the client. */
  readonly signal?: AbortSignal;
  /** The platform's own if left out. */
  readonly WebSocket?: SocketClass;
  readonly fetch?: Fetch;
  /** The browser's events if left out; without any, `offline` is never reached. */
  readonly network?: Network;
  readonly timers?: Timers;
  /** From 0 to below 1. `Math.random` if left out. */
  readonly random?: () => number;
}

/** The options with nothing left out that has a default. */
export interface Settings {
  readonly url: string;
  readonly protocols: readonly string[];
  readonly getToken: ClientOptions['getToken'];
  readonly ticket: boolean;
  readonly refresh: boolean;
  readonly resume: boolean;
  readonly unacknowledged: 'resend' | 'drop';
  readonly reconnect: Required<ReconnectOptions>;
  readonly queue: Required<QueueOptions>;
  readonly heartbeat: HeartbeatOptions | undefined;
  readonly connectTimeout: number;
  readonly closeTimeout: number;
  readonly highWater: number;
  readonly signal: AbortSignal | undefined;
  readonly WebSocket: SocketClass;
  readonly fetch: Fetch;
  readonly network: Network | undefined;
  readonly timers: Timers;
  readonly random: () => number;
}

/** Throws a TypeError for what can never work. */
export function settingsOf(given: string | URL, options: ClientOptions): Settings {
  const WebSocket = options.WebSocket ?? platformSocket();
  if (!WebSocket) throw new TypeError('this platform has no WebSocket: give one as an option');
  return {
    url: urlOf(given, options.getToken !== undefined || options.ticket === true),
    protocols: protocolsOf(options),
    getToken: options.getToken,
    ticket: options.ticket ?? false,
    refresh: options.getToken !== undefined && options.refresh !== false,
    resume: options.resume ?? false,
    unacknowledged: options.unacknowledged ?? 'resend',
    reconnect: { base: 1_000, cap: 30_000, attempts: Infinity, stableAfter: 10_000, ...options.reconnect },
    queue: { messages: 1_000, bytes: 1_048_576, policy: 'reject', ...options.queue },
    heartbeat: options.heartbeat,
    connectTimeout: options.connectTimeout ?? 10_000,
    closeTimeout: options.closeTimeout ?? 5_000,
    highWater: options.highWater ?? 1_048_576,
    signal: options.signal,
    WebSocket,
    fetch: options.fetch ?? ((url, init) => globalThis.fetch(url, init)),
    network: options.network ?? platformNetwork(),
    timers: options.timers ?? systemTimers,
    random: options.random ?? Math.random,
  };
}

/** Absolute, and secret where it must be: a token that went over `ws:` would be everybody's. */
function urlOf(given: string | URL, secret: boolean): string {
  const url = new URL(given);
  url.hash = '';
  if (url.protocol === 'wss:' || (url.protocol === 'ws:' && !secret)) return url.href;
  throw new TypeError(secret ? 'a token travels over wss: only' : 'the URL is not one of a WebSocket');
}

function protocolsOf({ protocols = [] }: ClientOptions): readonly string[] {
  if (!protocols.every(isToken)) throw new TypeError('a subprotocol is not a token of RFC 9110');
  if (protocols.some(isReservedProtocol))
    throw new TypeError('a subprotocol has a name of the gateway’s own');
  return [...protocols];
}

/** What `getToken` gave. @throws ClientError `token_malformed` for what no subprotocol can carry. */
export function readToken(given: Token): { readonly token: string; readonly expiresIn: number | undefined } {
  const { token, expiresIn } = typeof given === 'object' && given ? given : { token: given };
  if (typeof token !== 'string' || !isToken(token)) throw new ClientError('token_malformed');
  return { token, expiresIn };
}
