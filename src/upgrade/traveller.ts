import { randomUUID } from 'node:crypto';
import type { Arrival } from '../edge/arrival.ts';
import type { Handshake } from '../pipeline/handshake.ts';
import type { Principal } from '../pipeline/principal.ts';
import type { RoutePlan } from '../pipeline/route.ts';
import type { Seat } from '../store/presence.ts';

/** One upgrade under way, and what the journey has found out so far: the record tells it, however it ends. */
export interface Traveller {
  /** The session's; with a ticket comes the one that it was given for. */
  id: string;
  readonly arrival: Arrival;
  /** Aborted when the client leaves before it is answered. */
  readonly gone: AbortSignal;
  /** Ends the watch for that: once there is an answer, or a session that watches for itself. */
  readonly unwatch: () => void;
  handshake?: Handshake;
  route?: RoutePlan;
  principal?: Principal;
  guard?: string;
  protocol?: string;
}

/** A traveller who is known, and may be let in. */
export interface Guest {
  readonly route: RoutePlan;
  readonly handshake: Handshake;
  readonly principal: Principal;
  /** Subprotocols that both the client and the route speak, most wanted first. */
  readonly protocols: readonly string[];
}

/** A close follows every error, and says all there is to say. */
const ignore = (): void => {};

/** Aborts when the client leaves. */
export function watchLeaving({ socket }: Arrival): Pick<Traveller, 'gone' | 'unwatch'> {
  const abort = new AbortController();
  const leave = (): void => abort.abort();
  socket.once('end', leave).once('close', leave).on('error', ignore);
  if (socket.destroyed) leave();
  return { gone: abort.signal, unwatch: () => socket.off('end', leave).off('close', leave) };
}

/** A socket is destroyed a moment before it says so. */
export function hasLeft({ gone, arrival }: Traveller): boolean {
  return gone.aborted || arrival.socket.destroyed;
}

/** A name for a session. The copy is one string of 56 bytes; what Node makes is 15 that point at each other. */
export function newId(): string {
  return Buffer.from(randomUUID(), 'latin1').toString('latin1');
}

/** What a session of this guest counts as. */
export function seatOf(
  id: string,
  route: RoutePlan,
  handshake: Handshake,
  { subject, tenant }: Principal,
): Seat {
  return { id, route: route.name, address: handshake.address, subject, tenant };
}

/** What the record says of an upgrade, however it ends. */
export function fieldsOf({ id, arrival, handshake, route, principal, guard, protocol }: Traveller) {
  const { listener, address, peer, tls } = arrival.facts;
  return {
    session: id,
    listener,
    address,
    peer,
    tls: tls.protocol,
    route: route?.name,
    host: handshake?.host,
    path: handshake?.path,
    origin: handshake?.origin,
    identity: principal?.identity,
    subject: principal?.subject,
    tenant: principal?.tenant,
    emergency: principal?.emergency,
    guard,
    protocol,
  };
}
