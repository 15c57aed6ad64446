import type { Arrival } from './edge/arrival.ts';
import { denialsOf } from './edge/denials.ts';
import { readHandshake } from './edge/handshake.ts';
import { refuseUpgrade } from './edge/respond.ts';
import { turnstileOf } from './edge/turnstile.ts';
import { REFUSALS } from './errors.ts';
import { forwardHeaders } from './identity/forward.ts';
import { credentialParameters, presentedTicket, type Redeemed, redeemTicket } from './identity/ticket.ts';
import { withoutParameters } from './identity/token-source.ts';
import type { Dialled } from './pipeline/dialled.ts';
import type { Handshake } from './pipeline/handshake.ts';
import { holderOf } from './pipeline/holder.ts';
import { identify } from './pipeline/identify.ts';
import { commonProtocols, type RoutePlan } from './pipeline/route.ts';
import { type Refused, refuse } from './pipeline/verdict.ts';
import { findClaim } from './session/claim.ts';
import type { Services } from './store/services.ts';
import { carry, comeBack, sayRefused } from './upgrade/comeback.ts';
import { enter, judge } from './upgrade/door.ts';
import type { Gate } from './upgrade/gate.ts';
import {
  fieldsOf,
  type Guest,
  hasLeft,
  newId,
  seatOf,
  type Traveller,
  watchLeaving,
} from './upgrade/traveller.ts';
import { breakerOf } from './upstream/breaker.ts';
import { reach } from './upstream/reach.ts';
import type { DialRequest } from './upstream/request.ts';
import { targetOf } from './upstream/target.ts';

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
  const traveller: Traveller = { id: newId(), arrival, ...watchLeaving(arrival) };
  const refused = await journey(traveller, gate).catch((error: unknown) => {
    recorder.event('gateway.fault', { where: 'upgrade', error: String(error) });
    return refuse('internal', 'the upgrade failed');
  });
  traveller.unwatch();
  const seconds = (clock.monotonic() - begun) / 1_000;
  if (refused) {
    const { address, strictTransport } = arrival.facts;
    refuseUpgrade(arrival.socket, denials.counted(refused, address), strictTransport);
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
  const { certificate } = handshake.tls;
  if (revocations.find(holderOf(principal, { session: traveller.id, address, certificate })))
    return refuse('credential_revoked', 'revoked by an operator');
  if (hasLeft(traveller)) return refuse('client_left', 'while its credential was checked');

  const guest: Guest = { route, handshake, principal, protocols };
  const claimed = claim && (await gate.claim(claim, guest));
  if (claimed) sayRefused(claimed, traveller, gate);
  if (claimed && 'pass' in claimed) return claimed;
  if (claimed?.held) return carry(traveller, guest, claimed.held, gate);
  if (claimed?.shown) return comeBack(traveller, guest, claimed.claim, gate);

  const seat = seatOf(traveller.id, route, handshake, principal);
  // Before the guards count, so that two at once cannot both be the last; but whoever has lost a session has its seat.
  let entered = claimed?.session === undefined;
  if (entered) presence.enter(seat);
  let upstream: Dialled | undefined;
  let seated = false;
  try {
    const found = await approach(traveller, guest, gate);
    if ('pass' in found) return found;
    upstream = found;
    claimed?.session?.supersede();
    if (!entered) presence.enter(seat);
    entered = true;
    const refused = enter(traveller, { ...guest, claimed }, upstream, gate);
    seated = refused === undefined;
    return refused;
  } finally {
    if (!seated && entered) presence.leave(seat);
    if (!seated) upstream?.socket.destroy();
  }
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
  const breaker = breakerOf(route.name, route.upstream.url, gate.services);
  const found = await reach(breaker, dialRequest(guest, headers), traveller.gone);
  // An upstream may answer hundreds at once: each session is made in a turn of its own.
  const turnstile = turnstileOf(gate.services);
  if (!('pass' in found) && !turnstile.enter()) await turnstile.wait();
  return found;
}

function dialRequest(
  { route, handshake, protocols }: Guest,
  forward: readonly (readonly [string, string])[],
): DialRequest {
  const { url, passHeaders, connectTimeout, handshakeTimeout, ca } = route.upstream;
  return {
    url,
    target: targetOf(
      url,
      route.path,
      handshake,
      withoutParameters(handshake.query, credentialParameters(route)),
    ),
    handshake,
    protocols,
    forward,
    passHeaders,
    connectTimeout,
    handshakeTimeout,
    ...(ca !== undefined && { ca }),
  };
}
