import { takeEarly } from '../edge/respond.ts';
import type { Dialled } from '../pipeline/dialled.ts';
import { type Refused, refuse } from '../pipeline/verdict.ts';
import type { Claim } from '../protocol/session-protocol.ts';
import { type Claimed, type Held, succeed } from '../session/claim.ts';
import { accept, enter, judge, lookAgain } from './door.ts';
import type { Gate } from './gate.ts';
import type { Guest, Traveller } from './traveller.ts';

/** The rest of the way of somebody whose session is still there: no upstream is dialled. */
export async function comeBack(
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
  if (!route.resume) return refuse('route_gone', 'a reload has ended resuming on this route');
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
export async function carry(
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

/** Records a claim that was not granted. */
export function sayRefused(
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
