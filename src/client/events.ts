import type { NotResumed } from '../protocol/session-protocol.ts';
import type { ClientError } from './error.ts';
import type { State } from './states.ts';

/** What is known of a connection that is open. */
export interface Opening {
  /** What the gateway calls the session; undefined where nobody said. */
  readonly session: string | undefined;
  /** Whether it is the session of the last connection, of which no message was lost or repeated. */
  readonly resumed: boolean;
  /** Why it is not, where it was asked for. */
  readonly reason: NotResumed | undefined;
}

/** There is a connection. */
export class Opened extends Event implements Opening {
  readonly session: string | undefined;
  readonly resumed: boolean;
  readonly reason: NotResumed | undefined;

  constructor({ session, resumed, reason }: Opening) {
    super('open');
    this.session = session;
    this.resumed = resumed;
    this.reason = reason;
  }
}

/** A message came. */
export class Received extends Event {
  /** Text, or bytes as `binaryType` says. */
  readonly data: unknown;

  constructor(data: unknown) {
    super('message');
    this.data = data;
  }
}

/** Something failed that the client goes on from by itself, or closes after. */
export class Failed extends Event {
  readonly error: ClientError;

  constructor(error: ClientError) {
    super('error');
    this.error = error;
  }
}

/** What is known of a change of state. */
export interface Change {
  /** The close code of the connection that was lost; 1006 where there was none. */
  readonly code?: number;
  readonly reason?: string;
  /** How long the client waits now, in ms. */
  readonly wait?: number;
}

/** The client went from one state to another. */
export class StateChanged extends Event {
  readonly from: State;
  readonly to: State;
  readonly code: number | undefined;
  readonly reason: string | undefined;
  readonly wait: number | undefined;

  constructor(from: State, to: State, { code, reason, wait }: Change) {
    super('state');
    this.from = from;
    this.to = to;
    this.code = code;
    this.reason = reason;
    this.wait = wait;
  }
}

/**
 * Why a client is closed: it was `asked`, its signal was `aborted`, the server has `told` it so by a close code, it `gave-up`
 * after all the attempts it had, or its queue was full (`queue-full`).
 */
export type CloseCause = 'asked' | 'aborted' | 'told' | 'gave-up' | 'queue-full';

/** How a client ended. */
export interface Ending {
  readonly code: number;
  readonly reason: string;
  readonly wasClean: boolean;
  readonly cause: CloseCause;
  /** Messages that were queued and never handed to a socket; where sessions are resumed, also those not acknowledged. */
  readonly unsent: number;
}

/** The client is closed and stays so. */
export class Closed extends Event implements Ending {
  readonly code: number;
  readonly reason: string;
  readonly wasClean: boolean;
  readonly cause: CloseCause;
  readonly unsent: number;

  constructor({ code, reason, wasClean, cause, unsent }: Ending) {
    super('close');
    this.code = code;
    this.reason = reason;
    this.wasClean = wasClean;
    this.cause = cause;
    this.unsent = unsent;
  }
}

/** The events of a client. `open` comes with every connection, `close` once, at the very end. */
export interface ClientEvents {
  open: Opened;
  message: Received;
  error: Failed;
  state: StateChanged;
  close: Closed;
}

type Listener<E> = ((event: E) => void) | { handleEvent(event: E): void };

/** An EventTarget that knows its events. */
export interface ClientTarget {
  addEventListener<T extends keyof ClientEvents>(
    type: T,
    listener: Listener<ClientEvents[T]>,
    options?: { readonly once?: boolean; readonly signal?: AbortSignal },
  ): void;
  removeEventListener<T extends keyof ClientEvents>(type: T, listener: Listener<ClientEvents[T]>): void;
  dispatchEvent(event: Event): boolean;
}

/** The platform's EventTarget: a listener that throws harms no other. */
export const ClientTarget = EventTarget as new () => ClientTarget;
