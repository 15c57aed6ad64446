import { isDeepStrictEqual } from 'node:util';
import type { Dialled } from '../pipeline/dialled.ts';
import type { Handshake } from '../pipeline/handshake.ts';
import type { Principal } from '../pipeline/principal.ts';
import type { RoutePlan } from '../pipeline/route.ts';
import { type Refused, refuse } from '../pipeline/verdict.ts';
import {
  type Claim,
  isClaim,
  type NotResumed,
  readClaim,
  sessionProtocolOf,
} from '../protocol/session-protocol.ts';
import type { Services } from '../store/services.ts';
import { nodeOf, type Parking, type TokenHash } from './parking.ts';
import { renew } from './renewal.ts';
import type { Session } from './session.ts';

/** Who claims a session. */
export interface Claimant {
  readonly route: Pick<RoutePlan, 'name'>;
  readonly handshake: Handshake;
  readonly principal: Principal;
}

/** What a claim leads to: a session to go on with; or, with the reason, none, or one that is of no use any more. */
export interface Claimed {
  readonly claim: Claim;
  readonly session?: Session;
  readonly shown?: TokenHash;
  readonly refused?: NotResumed;
  /** Another process has it. */
  readonly held?: Held;
}

/** A session of another process, on whose side all is well. */
export interface Held {
  /** The client is let in: the session goes on, over this leg. Never rejects. */
  open(): Promise<Dialled | Refused>;
  /** The client is not. */
  leave(): void;
}

/** The claim among the offers of a client, if it makes one. Two are as bad as one that cannot be read. */
export function findClaim(offers: readonly string[]): Claim | Refused | undefined {
  const claims = offers.filter(isClaim);
  if (claims.length === 0) return undefined;
  const claim = claims.length === 1 ? readClaim(claims[0]!) : undefined;
  return claim ?? refuse('resume_invalid', 'not one well-formed claim');
}

/**
 * Judges a claim, of a claimant who would be let in. Whoever is not the holder is refused, and nothing happens to the
 * session; whoever is but cannot have it begins a new one.
 */
export function judgeClaim(claim: Claim, claimant: Claimant, parking: Parking<Session>): Claimed | Refused {
  const found = parking.find(claim.token);
  if (!found) return { claim, refused: nodeOf(claim.token) === parking.node ? 'unknown' : 'lost' };
  const { session, hash } = found;
  const stranger = strangerTo(session, claimant);
  if (stranger) return refuse('resume_denied', `of another ${stranger}`);
  if (!isSame(session, claimant)) return { claim, refused: 'mismatch' };
  const { journal } = session.resumption!;
  if (claim.seen > journal.total) return refuse('resume_invalid', 'more seen than was sent');
  if (!journal.holds(claim.seen)) return { claim, session, refused: 'gap' };
  return { claim, session, shown: hash };
}

/** The session goes on with the credential that its holder has now, by the rules of a refresh. */
export function succeed(
  session: Session,
  { principal, handshake }: Omit<Claimant, 'route'>,
  services: Services,
): Refused | undefined {
  if (session.ending || isDeepStrictEqual(principal, session.principal)) return undefined;
  const { host, path, origin, tls } = handshake;
  const offer = { principal, host, path, origin, certificate: tls.certificate?.fingerprint };
  const done = renew(session, offer, 'claim', services);
  return done.pass ? undefined : done;
}

/** In what the claimant is not the holder. */
function strangerTo(session: Session, { handshake, principal }: Claimant): string | undefined {
  for (const part of ['identity', 'subject', 'tenant'] as const)
    if (session.principal[part] !== principal[part]) return part;
  if (session.origin !== handshake.origin) return 'origin';
  if (session.certificate?.fingerprint !== handshake.tls.certificate?.fingerprint) return 'certificate';
  return undefined;
}

/** Whether the claimant asks for what the session is: the backend was told all of it when it was dialled. */
function isSame(session: Session, { route, handshake: { host, path, protocols } }: Claimant): boolean {
  return (
    session.route === route.name &&
    session.host === host &&
    session.path === path &&
    protocols.includes(sessionProtocolOf(session.protocol))
  );
}
