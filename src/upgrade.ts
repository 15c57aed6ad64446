import { randomUUID } from 'node:crypto';
import type { Arrival } from './edge/arrival.ts';
import { denialsOf } from './edge/denials.ts';
import { readHandshake } from './edge/handshake.ts';
import { acceptUpgrade, refuseUpgrade, takeEarly } from './edge/respond.ts';
import { REFUSALS, type RefusalCode } from './errors.ts';
import { forwardHeaders } from './identity/forward.ts';
import { presentedTicket, type Redeemed, redeemTicket, TICKET_PARAMETER } from './identity/ticket.ts';
import { withoutParameters } from './identity/token-source.ts';
import { admit } from './pipeline/admit.ts';
import type { Dialled } from './pipeline/dialled.ts';
import type { Handshake } from './pipeline/handshake.ts';
import { identify } from './pipeline/identify.ts';
import type { Principal } from './pipeline/principal.ts';
import { commonProtocols, type Plan, type RoutePlan } from './pipeline/route.ts';
import { type Refused, refuse } from './pipeline/verdict.ts';
import { negotiateDeflate } from './protocol/deflate.ts';
import { type Claim, sessionProtocolOf } from './protocol/session-protocol.ts';
import { type Claimant, type Claimed, findClaim, type Held, succeed } from './session/claim.ts';
import type { Attachment, Session, SessionParts } from './session/session.ts';
import type { Seat } from './store/presence.ts';
import type { Services } from './store/services.ts';
import { dial } from './upstream/dial.ts';
import { targetOf } from './upstream/target.ts';

/** What an upgrade needs of the gateway at which it arrives. */
export interface Gate {
  readonly services: Services;
  /** The plan in force; another one after a reload. */
  plan(): Plan;
  /** Why nobody is admitted at the moment (draining, overloaded); undefined while all are welcome. */
  closedFor(): RefusalCode | undefined;
  /** Why the client certificate, which was good when the request arrived, is not any more. */
  distrusts(handshake: Handshake): Refused | undefined;
  /** What a claim leads to, here or in another process. Never rejects. */
  claim(claim: Claim, claimant: Claimant): Promise<Claimed | Refused> | Claimed | Refused;
  /** The same of this process alone, at once. */
  find(claim: Claim, claimant: Claimant): Claimed | Refused;
  /** Goes on with a session over another connection. The socket is now the session's. Never throws. */
  resume(session: Session, parts: Attachment): void;
  /** Starts relaying. The sockets and the seat are now the session's, whatever becomes of it. Never throws. */
  open(parts: SessionParts): void;
}

/** One upgrade under way, and what the journey has found out so far: the record tells it, however it ends. */
interface Traveller {
  /** The session's; with a ticket comes the one that it was given for. */
  id: string;
  readonly arrival: Arrival;
  /** Aborted when the client leaves before it is answered. */
  readonly gone: AbortSignal;
  handshake?: Handshake;
  route?: RoutePlan;
  principal?: Principal;
  guard?: string;
  protocol?: string;
}

/** A traveller who is known, and may be let in. */
interface Guest {
  readonly route: RoutePlan;
  readonly handshake: Handshake;
  readonly principal: Principal;
  /** Subprotocols that both the client and the route speak, most wanted first. */
  readonly protocols: readonly string[];
}

/**
 * An upgrade's journey, from the request to the session:
 *
 *     handshake → route → identify → admit → dial → session
 *         └─────────┴─────────┴────────┴───────┴──→ refuse
 *
 * Every check, and the upstream's own answer, comes before the 101. Whatever refuses, throws or is too late ends here,
 * in one HTTP status. Never rejects.
 */
export async function upgrade(arrival: Arrival, gate: Gate): Promise<void> {
  const { recorder, clock } = gate.services;
  const denials = denialsOf(gate.services);
  const begun = clock.monotonic();
  const { signal, stop } = watchLeaving(arrival);
  const traveller: Traveller = { id: randomUUID(), arrival, gone: signal };
  const refused = await journey(traveller, gate).catch((error: unknown) => {
    recorder.event('gateway.fault', { where: 'upgrade', error: String(error) });
    return refuse('internal', 'the upgrade failed');
  });
  stop();
  const seconds = (clock.monotonic() - begun) / 1_000;
  if (refused) {
    refuseUpgrade(arrival.socket, denials.counted(refused, arrival.facts.address));
    const { code, reason } = refused;
    const { status } = REFUSALS[code];
    recorder.event('upgrade.refused', { ...fieldsOf(traveller), code, reason, status, seconds });
  } else {
    denials.forgive(arrival.facts.address);
    recorder.event('upgrade.accepted', { ...fieldsOf(traveller), seconds });
  }
}

async function journey(traveller: Traveller, gate: Gate): Promise<Refused | undefined> {
  const { presence, revocations } = gate.services;

  const handshake = readHandshake(traveller.arrival);
  if ('pass' in handshake) return handshake;
  traveller.handshake = handshake;

  const closed = gate.closedFor();
  if (closed) return refuse(closed, 'nobody is admitted at the moment');
  const { address } = handshake;
  if (revocations.find({ address })) return refuse('address_denied', 'revoked by an operator');

  const route = gate.plan().match(handshake.host, handshake.path);
  if (!route) return refuse('route_unknown', 'no route matches this host and path');
  traveller.route = route;

  const protocols = commonProtocols(route, handshake.protocols);
  if (route.protocols.length > 0 && protocols.length === 0) {
    return refuse('protocol_unknown', `the route speaks ${route.protocols.join(', ')}`);
  }

  const claim = route.resume && findClaim(handshake.protocols);
  if (claim && 'pass' in claim) return claim;

  const came = await whoCame(route, handshake, gate.services);
  if ('pass' in came) return came;
  const { principal, session } = came;
  traveller.id = session ?? traveller.id;
  traveller.principal = principal;
  if (revocations.find({ ...principal, session: traveller.id }))
    return refuse('credential_revoked', 'revoked by an operator');
  if (hasLeft(traveller)) return refuse('client_left', 'while its credential was checked');

  const guest: Guest = { route, handshake, principal, protocols };
  const claimed = claim && (await gate.claim(claim, guest));
  if (claimed) sayRefused(claimed, traveller, gate);
  if (claimed && 'pass' in claimed) return claimed;
  if (claimed?.held) return carry(traveller, guest, claimed.held, gate);
  if (claimed?.shown) return comeBack(traveller, guest, claimed.claim, gate);

  const seat = seatOf(traveller.id, route, handshake, principal);
  // Whoever has lost a session holds a seat by it.
  let seats = claimed?.session ? 0 : 1;
  if (seats) presence.enter(seat); // before the guards count, so that two at once cannot both be the last
  let upstream: Dialled | undefined;
  let seated = false;
  try {
    const found = await approach(traveller, guest, gate);
    if ('pass' in found) return found;
    upstream = found;
    claimed?.session?.supersede();
    if (seats === 0) presence.enter(seat);
    seats = 1;
    const refused = enter(traveller, { ...guest, claimed }, upstream, gate);
    seated = refused === undefined;
    return refused;
  } finally {
    if (!seated && seats) presence.leave(seat);
    if (!seated) upstream?.socket.destroy();
  }
}

/** The rest of the way of somebody whose session is still there: no upstream is dialled. */
async function comeBack(
  traveller: Traveller,
  guest: Guest,
  claim: Claim,
  gate: Gate,
): Promise<Refused | undefined> {
  const denied = await judge(traveller, guest, gate);
  if (denied) return denied;
  const { handshake, principal } = guest;
  const route = lookAgain(traveller, guest, gate);
  if ('pass' in route) return route;
  const claimed = gate.find(claim, guest);
  if ('pass' in claimed) return claimed;
  const { session, shown } = claimed;
  if (!session || !shown) return refuse('upstream_lost', 'the session ended while it was claimed');
  const clientHead = takeEarly(traveller.arrival);
  if ('pass' in clientHead) return clientHead;
  const refused = succeed(session, { principal, handshake }, gate.services);
  if (refused) return refused;

  traveller.id = session.id;
  const deflate = accept(traveller, guest, route, session.protocol);
  const client = traveller.arrival.socket;
  gate.resume(session, { handshake, deflate, client, clientHead, shown, seen: claim.seen });
  return undefined;
}

/** The rest of the way of somebody whose session another process holds, which has its seat: this one only carries it. */
async function carry(
  traveller: Traveller,
  guest: Guest,
  held: Held,
  gate: Gate,
): Promise<Refused | undefined> {
  let upstream: Dialled | undefined;
  try {
    const denied = await judge(traveller, guest, gate);
    if (denied) return denied;
    const found = await held.open();
    if ('pass' in found) return found;
    const refused = enter(traveller, guest, found, gate, true);
    if (!refused) upstream = found;
    return refused;
  } finally {
    if (!upstream) held.leave();
  }
}

function sayRefused(
  claimed: Claimed | Refused,
  { principal, handshake, route }: Traveller,
  gate: Gate,
): void {
  const reason = 'pass' in claimed ? 'denied' : claimed.refused;
  if (reason === undefined) return;
  const { identity, subject, tenant } = principal ?? {};
  const session = 'pass' in claimed ? undefined : claimed.session?.id;
  gate.services.recorder.event('session.resume_refused', {
    session,
    route: route?.name,
    identity,
    subject,
    tenant,
    address: handshake?.address,
    reason,
  });
}

/** Whoever the ticket was given to, where the route gives tickets and one is shown; else whom an identity knows. */
async function whoCame(
  route: RoutePlan,
  handshake: Handshake,
  services: Services,
): Promise<Refused | (Pick<Redeemed, 'principal'> & Partial<Redeemed>)> {
  const ticket = route.tickets && presentedTicket(handshake);
  if (typeof ticket === 'object') return ticket;
  if (ticket !== undefined) return redeemTicket({ store: services.store, route }, ticket, handshake);
  const principal = await identify(route.identities, handshake, services);
  return 'pass' in principal ? principal : { principal };
}

/** Admit and dial: what may take time once a seat is taken. */
async function approach(traveller: Traveller, guest: Guest, gate: Gate): Promise<Dialled | Refused> {
  const { route, principal } = guest;
  const denied = await judge(traveller, guest, gate);
  if (denied) return denied;
  const headers = forwardHeaders(route.upstream.forward, principal);
  if ('pass' in headers) return headers;
  return dial(dialRequest(guest, headers), traveller.gone);
}

/** What the guards at the door say. */
async function judge(traveller: Traveller, guest: Guest, gate: Gate): Promise<Refused | undefined> {
  const { route, handshake, principal } = guest;
  const candidate = { id: traveller.id, route: route.name, handshake, principal };
  const denied = await admit(route, candidate, gate.services.recorder);
  if (denied) traveller.guard = denied.guard;
  return denied?.refused;
}

/** The 101, unless the world has changed while the identity, the guards and the upstream were asked. */
function enter(
  traveller: Traveller,
  guest: Guest & { readonly claimed?: Claimed | undefined },
  upstream: Dialled,
  gate: Gate,
  joined = false,
): Refused | undefined {
  const { id, arrival } = traveller;
  const { handshake, principal, claimed } = guest;
  const route = lookAgain(traveller, guest, gate);
  if ('pass' in route) return route;
  const clientHead = takeEarly(arrival);
  if ('pass' in clientHead) return clientHead;

  const protocol = upstream.protocol || (commonProtocols(route, handshake.protocols)[0] ?? '');
  const deflate = accept(traveller, guest, route, protocol);
  const client = arrival.socket;
  const parts = { id, route, handshake, principal, protocol, deflate, client, clientHead, upstream };
  if (joined) {
    // How long the credential is good is watched where the session is held: it may be renewed there.
    const { expiresAt: _, ...holder } = principal;
    gate.open({ ...parts, principal: holder, joined });
    return undefined;
  }
  const resume = grantsSession(route, handshake, protocol) ? { refused: claimed?.refused } : undefined;
  gate.open({ ...parts, resume });
  return undefined;
}

/** The route as it is now, unless its doors have closed to this guest. */
function lookAgain(
  traveller: Traveller,
  { route: before, handshake, principal }: Guest,
  gate: Gate,
): RoutePlan | Refused {
  if (hasLeft(traveller)) return refuse('client_left', 'before it was answered');
  const closed = gate.closedFor();
  if (closed) return refuse(closed, 'nobody is admitted at the moment');
  const distrusted = gate.distrusts(handshake);
  if (distrusted) return distrusted;
  const lapsed = lapseOf(traveller.id, handshake, principal, gate.services);
  if (lapsed) return lapsed;
  const route = gate.plan().routes.find((each) => each.name === before.name);
  if (!route?.identities.some((each) => each.name === principal.identity)) {
    return refuse('route_gone', 'a reload removed the route or the identity meanwhile');
  }
  return route;
}

/** Writes the 101; whether compression is part of it. */
function accept(traveller: Traveller, { handshake }: Guest, route: RoutePlan, plain: string): boolean {
  const deflate = route.inflate ? negotiateDeflate(handshake.extensions) : { accepted: false, response: '' };
  const session = route.tickets || route.refresh || route.resume ? traveller.id : '';
  const protocol = grantsSession(route, handshake, plain) ? sessionProtocolOf(plain) : plain;
  traveller.protocol = plain;
  acceptUpgrade(traveller.arrival.socket, handshake, { protocol, extensions: deflate.response, session });
  return deflate.accepted;
}

/** Whether the client asked for a session that it can come back to, and the route keeps those. */
function grantsSession({ resume }: RoutePlan, { protocols }: Handshake, plain: string): boolean {
  return resume !== undefined && protocols.includes(sessionProtocolOf(plain));
}

/** Why a credential that was good when it was checked is not any more. */
function lapseOf(
  session: string,
  { address }: Handshake,
  principal: Principal,
  { clock, revocations }: Services,
): Refused | undefined {
  if (revocations.find({ ...principal, session, address }))
    return refuse('credential_revoked', 'revoked by an operator meanwhile');
  const { expiresAt = Number.POSITIVE_INFINITY } = principal;
  return expiresAt <= clock.now() ? refuse('credential_expired', 'ran out meanwhile') : undefined;
}

/** A close follows every error, and says all there is to say. */
const ignore = (): void => {};

function watchLeaving({ socket }: Arrival): { signal: AbortSignal; stop: () => void } {
  const abort = new AbortController();
  const leave = (): void => abort.abort();
  socket.once('end', leave).once('close', leave).on('error', ignore);
  if (socket.destroyed) leave();
  return { signal: abort.signal, stop: () => socket.off('end', leave).off('close', leave) };
}

/** A socket is destroyed a moment before it says so. */
function hasLeft({ gone, arrival }: Traveller): boolean {
  return gone.aborted || arrival.socket.destroyed;
}

function dialRequest(
  { route, handshake, protocols }: Guest,
  forward: readonly (readonly [string, string])[],
): Parameters<typeof dial>[0] {
  const { url, passHeaders, connectTimeout, handshakeTimeout, ca } = route.upstream;
  const secrets = route.identities.flatMap(({ identity }) => identity.readsQuery ?? []);
  if (route.tickets) secrets.push(TICKET_PARAMETER);
  return {
    url,
    target: targetOf(url, route.path, handshake, withoutParameters(handshake.query, secrets)),
    handshake,
    protocols,
    forward,
    passHeaders,
    connectTimeout,
    handshakeTimeout,
    ...(ca !== undefined && { ca }),
  };
}

function seatOf(id: string, route: RoutePlan, handshake: Handshake, { subject, tenant }: Principal): Seat {
  return { id, route: route.name, address: handshake.address, subject, tenant };
}

function fieldsOf({ id, arrival, handshake, route, principal, guard, protocol }: Traveller) {
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
