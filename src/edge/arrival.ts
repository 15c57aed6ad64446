import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TLSSocket } from 'node:tls';
import type { TlsFacts } from '../pipeline/handshake.ts';
import type { Rate } from '../pipeline/units.ts';
import type { Refused } from '../pipeline/verdict.ts';

/** What the listener knows of a connection, apart from what the request says. */
export interface Facts {
  readonly listener: string;
  /** The client's address in canonical text, after trusted proxies and PROXY protocol. */
  readonly address: string;
  /** The address of the TCP peer. */
  readonly peer: string;
  readonly tls: TlsFacts;
  /** Whether this host name, or IP address, is one that a certificate of the listener names. */
  readonly serves: (host: string) => boolean;
  /** Why the client certificate that was shown is not trusted; the request is then refused. */
  readonly untrusted?: Refused;
  readonly limits: RequestLimits;
  /** The value of Strict-Transport-Security in the answer; empty for none. */
  readonly strictTransport: string;
}

/** Bounds on one request. */
export interface RequestLimits {
  /** Fields in the header. */
  readonly headers: number;
  /** Bytes of path and query together. */
  readonly targetBytes: number;
  /** Bytes that may be sent behind the request before it is answered. */
  readonly earlyData: number;
  readonly perAddress: RequestRates;
}

/** How often one address (IPv6: one /64) may ask for what the gateway itself serves. */
export interface RequestRates {
  readonly tickets: Rate;
  readonly refreshes: Rate;
  readonly events: Rate;
}

/** An upgrade request that has arrived: not yet read, not yet believed. */
export interface Arrival {
  readonly request: IncomingMessage;
  readonly socket: TLSSocket;
  /** What came behind the header in the same read; `takeEarly` gives this and what came since. */
  readonly head: Buffer;
  /** The header fields, read strictly: names in lower case, repeated ones joined. */
  readonly fields: ReadonlyMap<string, string>;
  readonly facts: Facts;
}

/** Who gets what arrives. A handler that throws, or rejects, costs its connection and nothing else. */
export interface ListenerHandlers {
  /** Ends in `acceptUpgrade` or `refuseUpgrade`, and has deadlines of its own. */
  upgrade(arrival: Arrival): void | Promise<void>;
  /** Answers an ordinary request for what the gateway itself serves; false leaves it to the generic page. */
  request?(request: IncomingMessage, response: ServerResponse, facts: Facts): boolean | Promise<boolean>;
  /** Whether an upgrade of this host and path would find a route: a request without one is told so (426). */
  expects?(host: string, path: string): boolean;
  /** The client CA bundle or the revocation list has changed: `Listener.trusts` may answer otherwise now. */
  trustChanged?(): void;
}
