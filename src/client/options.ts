import { isToken } from '../protocol/tokens.ts';
import type { ReconnectOptions } from './backoff.ts';
import type { HeartbeatOptions } from './heartbeat.ts';
import {
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

export interface ClientOptions {
  /** Subprotocols that the application speaks. */
  readonly protocols?: readonly string[];
  /** Asked before every connection. The token travels as the subprotocol `bearer.<token>`. */
  readonly getToken?: (request: TokenRequest) => Promise<string> | string;
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
  readonly reconnect: Required<ReconnectOptions>;
  readonly queue: Required<QueueOptions>;
  readonly heartbeat: HeartbeatOptions | undefined;
  readonly connectTimeout: number;
  readonly closeTimeout: number;
  readonly highWater: number;
  readonly signal: AbortSignal | undefined;
  readonly WebSocket: SocketClass;
  readonly network: Network | undefined;
  readonly timers: Timers;
  readonly random: () => number;
}

/** Throws a TypeError for what can never work. */
export function settingsOf(given: string | URL, options: ClientOptions): Settings {
  const WebSocket = options.WebSocket ?? platformSocket();
  if (!WebSocket) throw new TypeError('this platform has no WebSocket: give one as an option');
  return {
    url: urlOf(given, options.getToken !== undefined),
    protocols: protocolsOf(options),
    getToken: options.getToken,
    reconnect: { base: 1_000, cap: 30_000, attempts: Infinity, stableAfter: 10_000, ...options.reconnect },
    queue: { messages: 1_000, bytes: 1_048_576, policy: 'reject', ...options.queue },
    heartbeat: options.heartbeat,
    connectTimeout: options.connectTimeout ?? 10_000,
    closeTimeout: options.closeTimeout ?? 5_000,
    highWater: options.highWater ?? 1_048_576,
    signal: options.signal,
    WebSocket,
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
  if (protocols.every(isToken)) return [...protocols];
  throw new TypeError('a subprotocol is not a token of RFC 9110');
}
