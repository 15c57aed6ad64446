import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Newcomer } from './admission.ts';

/** Who receives visits, and does what is decided about them. */
export interface Host {
  begin(visit: Visit): void;
  turnAway(visit: Visit): void;
  hurry(visit: Visit, age: number): void;
}

/** A TCP connection on its way in, until it has been handed over to a session or answered. */
export class Visit implements Newcomer {
  readonly raw: Socket;
  readonly key: string;
  /** The address of the TCP peer, canonical. */
  readonly peer: string;
  /** The client's address as far as it is known: the peer's, or what a PROXY header said. */
  address: string;
  /** The address under which the door counts it; undefined while it is counted by none. */
  counted: string | undefined = undefined;
  /** Whether TLS was begun. */
  begun = false;
  /** Once TLS is up. */
  secure: TLSSocket | undefined = undefined;
  readonly #host: Host;

  constructor(raw: Socket, peer: string, host: Host) {
    this.raw = raw;
    this.key = keyOf(raw);
    this.peer = peer;
    this.address = peer;
    this.#host = host;
  }

  begin(): void {
    this.#host.begin(this);
  }

  turnAway(): void {
    this.#host.turnAway(this);
  }

  hurry(age: number): void {
    this.#host.hurry(this, age);
  }
}

/**
 * Tells a connection from all others that are open. TLS sockets do not say which TCP socket they are made of, but both
 * know their two ends.
 */
export function keyOf(socket: Socket): string {
  return `${socket.remoteAddress} ${socket.remotePort} ${socket.localAddress}`;
}
