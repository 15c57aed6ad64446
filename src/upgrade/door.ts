import { acceptUpgrade, takeEarly } from '../edge/respond.ts';
import { admit } from '../pipeline/admit.ts';
import type { Dialled } from '../pipeline/dialled.ts';
import type { Handshake } from '../pipeline/handshake.ts';
import { holderOf } from '../pipeline/holder.ts';
import type { Principal } from '../pipeline/principal.ts';
import { commonProtocols, type RoutePlan } from '../pipeline/route.ts';
import { type Refused, refuse } from '../pipeline/verdict.ts';
import { negotiateDeflate } from '../protocol/deflate.ts';
import { sessionProtocolOf } from '../protocol/session-protocol.ts';
import type { Claimed } from '../session/claim.ts';
import type { Services } from '../store/services.ts';
import type { Gate } from './gate.ts';
import { type Guest, hasLeft, type Traveller } from './traveller.ts';

/** What the guards at the door say. */
export async function judge(traveller: Traveller, guest: Guest, gate: Gate): Promise<Refused | undefined> {
  const { route, handshake, principal } = guest;
  const candidate = { id: traveller.id, route: route.name, handshake, principal };
  const denied = await admit(route, candidate, gate.services.recorder);
  if (denied) traveller.guard = denied.guard;
  return denied?.refused;
}

/** The 101, unless the world has changed while the identity, the guards and the upstream were asked. */
export function enter(
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
  if (joined && !route.resume) return refuse('route_gone', 'a reload has ended resuming on this route');
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
export function lookAgain(
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
export function accept(traveller: Traveller, { handshake }: Guest, route: RoutePlan, plain: string): boolean {
  const deflate = route.inflate ? negotiateDeflate(handshake.extensions) : { accepted: false, response: '' };
  const session = route.tickets || route.refresh || route.resume ? traveller.id : '';
  const protocol = grantsSession(route, handshake, plain) ? sessionProtocolOf(plain) : plain;
  traveller.protocol = plain;
  traveller.unwatch(); // before the session listens: two listeners and a third take more memory for good
  const { socket, facts } = traveller.arrival;
  const { strictTransport } = facts;
  acceptUpgrade(socket, handshake, { protocol, extensions: deflate.response, session, strictTransport });
  return deflate.accepted;
}

/** Whether the client asked for a session that it can come back to, and the route keeps those. */
function grantsSession({ resume }: RoutePlan, { protocols }: Handshake, plain: string): boolean {
  return resume !== undefined && protocols.includes(sessionProtocolOf(plain));
}

/** Why a credential that was good when it was checked is not any more. */
function lapseOf(
  session: string,
  { address, tls: { certificate } }: Handshake,
  principal: Principal,
  { clock, revocations }: Services,
): Refused | undefined {
  if (revocations.find(holderOf(principal, { session, address, certificate })))
    return refuse('credential_revoked', 'revoked by an operator meanwhile');
  const { expiresAt = Number.POSITIVE_INFINITY } = principal;
  return expiresAt <= clock.now() ? refuse('credential_expired', 'ran out meanwhile') : undefined;
}
