import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';

/** A TCP connection on its way in, until it has been handed over to a session or answered. */
export interface Visit {
  readonly raw: Socket;
  readonly key: string;
  /** The address of the TCP peer, canonical. */
  readonly peer: string;
  /** The client's address as far as it is known: the peer's, or what a PROXY header said. */
  address: string;
  /** The address under which the door counts it; undefined while it is counted by none. */
  counted: string | undefined;
  /** Once TLS is up. */
  secure: TLSSocket | undefined;
}

/**
 * Tells a connection from all others that are open. TLS sockets do not say which TCP socket they are made of, but both
 * know their two ends.
 */
export function keyOf(socket: Socket): string {
  return `${socket.remoteAddress} ${socket.remotePort} ${socket.localAddress}`;
}
