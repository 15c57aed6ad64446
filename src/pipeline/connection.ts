import type { Handshake } from './handshake.ts';
import type { Principal } from './principal.ts';
import type { Refused } from './verdict.ts';

/** What guards and dialects may know of a session. */
export interface Connection {
  readonly id: string;
  readonly route: string;
  /** May be replaced by a refresh; read it anew for each message. */
  readonly principal: Principal;
  /**
   * Whose rights bound those of the principal: what a session was opened with, where a refresh brought other rights and
   * the route does not let them grow. A guard that grants something grants it only if it would to each of them as well.
   */
  readonly bounds?: readonly Principal[] | undefined;
  readonly address: string;
  readonly origin: string | undefined;
  readonly host: string;
  readonly path: string;
  /** The negotiated subprotocol; empty if none. */
  readonly protocol: string;
  /** When the session began, in milliseconds since the epoch. */
  readonly since: number;
  /**
   * State that a guard or dialect keeps for this session, made on first use. It outlives a reload.
   * The key names its owner (`rate`, `ocpp`).
   */
  slot<T>(key: string, make: () => T): T;
}

/** A credential was renewed. */
export interface Renewed {
  readonly pass: true;
  /** Until the new one runs out, in milliseconds; undefined if it does not. */
  readonly expiresIn: number | undefined;
}

/** A connection whose holder may bring a new token in a message: the runner over the guards has it so, they do not. */
export interface Renewable extends Connection {
  renew?(token: string): Promise<Renewed | Refused>;
}

/** An upgrade that is being judged: who asks, and what for. */
export interface Candidate {
  readonly id: string;
  readonly route: string;
  readonly handshake: Handshake;
  readonly principal: Principal;
}
