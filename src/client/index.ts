/** The client for browsers and Node: a WebSocket that lasts. */
export { CLOSE_CODES, mayReconnect, reconnectAfter } from '../protocol/close-codes.ts';
export type { NotResumed } from '../protocol/session-protocol.ts';
export type { ReconnectOptions } from './backoff.ts';
export { Client } from './client.ts';
export { ClientError, type ClientErrorCode } from './error.ts';
export type {
  ClientEvents,
  CloseCause,
  Closed,
  Ending,
  Failed,
  Opened,
  Opening,
  Received,
  StateChanged,
} from './events.ts';
export type { HeartbeatOptions } from './heartbeat.ts';
export type { ClientOptions, Token, TokenRequest } from './options.ts';
export type { Fetch, Network, Sendable, SocketClass, SocketLike, Timers } from './platform.ts';
export type { QueueOptions, QueuePolicy } from './queue.ts';
export type { State } from './states.ts';
