import { isDeepStrictEqual } from 'node:util';
import type { RefusalCode } from '../errors.ts';
import type { Connection, Renewed } from '../pipeline/connection.ts';
import type { ClientCertificate, Handshake } from '../pipeline/handshake.ts';
import { identify } from '../pipeline/identify.ts';
import type { Principal } from '../pipeline/principal.ts';
import { who } from '../pipeline/refusals.ts';
import type { RoutePlan } from '../pipeline/route.ts';
import { type Refused, refuse } from '../pipeline/verdict.ts';
import { Bucket, limitOf } from '../store/buckets.ts';
import type { Services } from '../store/services.ts';

/** What a renewal asks and tells a session. */
export interface RenewalHost extends Connection {
  readonly plan: RoutePlan;
  readonly listener: string;
  readonly certificate: ClientCertificate | undefined;
  readonly ending: boolean;
  end(code: RefusalCode, reason?: string): void;
  /** Goes on with another principal, and with these bounds of its rights. */
  become(principal: Principal, bounds: readonly Principal[] | undefined): void;
}

/** Who brought a new credential: the client in a message, by a request or coming back, or the provider that was asked again. */
export type Bearer = 'message' | 'request' | 'claim' | 'provider';

/** A credential that was verified, and where it came from. */
export interface Offer {
  readonly principal: Principal;
  readonly host: string;
  readonly path: string;
  readonly origin: string | undefined;
  /** SHA-256 of the client certificate of the connection that brought it, hexadecimal; undefined if it had none. */
  readonly certificate: string | undefined;
}

/** New credentials on one session: more at once than any client needs, and one each five seconds. */
const ATTEMPTS = limitOf({ count: 12, period: 60_000 });

/** Different rights whose bounds one session remembers; each costs the rules once more for every message. */
const MAX_BOUNDS = 8;

/** Claims that differ between any two tokens and give no rights. */
const OF_ONE_TOKEN: ReadonlySet<string> = new Set(['exp', 'iat', 'jti', 'nbf']);

/** A refusal if more new credentials come on this session than may be checked. */
export function refuseFlood(session: RenewalHost, { clock }: Services): Refused | undefined {
  const bucket = session.slot('renewal', () => new Bucket());
  const now = clock.monotonic();
  const wait = bucket.wait(ATTEMPTS, now, 1);
  if (wait > 0) return refuse('rate_exceeded', 'new credentials', undefined, Math.ceil(wait));
  bucket.take(ATTEMPTS, now, 1);
  return undefined;
}

/**
 * Judges a new credential, and if it may be, the session goes on with it from the next message on. Only the holder of the
 * old one can bring it: the same subject and tenant of the same issuer, from the same page, with the same certificate if
 * one proved the old. A holder who would not be let in any more is not kept either: that ends the session.
 */
export function renew(session: RenewalHost, offer: Offer, by: Bearer, services: Services): Renewed | Refused {
  const refused = session.ending ? GONE : judge(session, offer, services);
  services.recorder.event(refused ? 'credential.refused' : 'credential.renewed', {
    ...who(session),
    by,
    ...(refused && { code: refused.code, reason: refused.reason }),
    bounds: session.bounds?.length ?? 0,
  });
  if (refused) return refused;
  const { expiresAt } = offer.principal;
  return { pass: true, expiresIn: expiresAt && Math.floor(expiresAt - services.clock.now()) };
}

/** A new token out of a message: verified as at the door, by the identity that let the session in. */
export async function renewByMessage(
  session: RenewalHost,
  token: string,
  services: Services,
): Promise<Renewed | Refused> {
  const flood = refuseFlood(session, services);
  if (flood) return flood;
  const identities = session.plan.identities.filter(
    ({ name, identity }) => name === session.principal.identity && identity.readsTokens === true,
  );
  if (identities.length === 0) return refuse('credential_missing', 'the session was not opened by a token');
  const principal = await identify(identities, handshakeOf(session, token), services);
  if ('pass' in principal) {
    // The identity does not take it for its own: it is of another issuer.
    const foreign = principal.code === 'credential_missing';
    const refused = foreign ? refuse('identity_mismatch', 'the token is of another issuer') : principal;
    const { code, reason } = refused;
    services.recorder.event('credential.refused', { ...who(session), by: 'message', code, reason });
    return inMessage(refused);
  }
  const { host, path, origin, certificate } = session;
  const offer = { principal, host, path, origin, certificate: certificate?.fingerprint };
  const done = renew(session, offer, 'message', services);
  return done.pass ? done : inMessage(done);
}

/**
 * Nobody becomes somebody else on a connection: whoever brings the token of another holder, issuer or audience, or one that
 * is forged, is not spoken to any more. Everything else is answered, and the session goes on as it was.
 */
function inMessage(refused: Refused): Refused {
  const hostile = refused.code === 'identity_mismatch' || refused.code === 'credential_invalid';
  return hostile ? { ...refused, action: 'close' } : refused;
}

/** What is known of a session, for an identity to look at: nothing but the token is new. */
export function handshakeOf(session: RenewalHost, token?: string): Handshake {
  const { listener, address, host, path, origin, certificate } = session;
  return {
    listener,
    address,
    peer: address,
    host,
    path,
    query: '',
    origin,
    headers: new Map(),
    protocols: [],
    extensions: '',
    key: '',
    tls: { protocol: '', cipher: '', ...(certificate && { certificate }) },
    ...(token !== undefined && { presented: token }),
  };
}

const GONE = Object.freeze(refuse('session_unknown', 'it is ending'));

function judge(session: RenewalHost, offer: Offer, services: Services): Refused | undefined {
  const { principal } = offer;
  const differs = differenceOf(session, offer);
  if (differs) return refuse('identity_mismatch', `the new credential is of another ${differs}`);
  if (services.revocations.find(principal)) return refuse('credential_revoked', 'revoked by an operator');
  if ((principal.expiresAt ?? Infinity) <= services.clock.now())
    return refuse('credential_expired', 'the new credential has run out');
  const denied = atTheDoor(session, principal, services);
  if (denied) {
    session.end(denied.code, denied.reason);
    return denied;
  }
  const bounds = session.plan.refresh?.widen ? [] : boundsOf(session, principal);
  if (bounds.length > MAX_BOUNDS) return refuse('rights_changed', `more than ${MAX_BOUNDS} times`);
  session.become(principal, bounds.length > 0 ? bounds : undefined);
  return undefined;
}

function differenceOf(session: RenewalHost, offer: Offer): string | undefined {
  const { principal: before, certificate } = session;
  const { principal: after } = offer;
  for (const part of ['identity', 'subject', 'tenant', 'certificateSerial'] as const)
    if (before[part] !== after[part]) return part;
  if (before.claims.iss !== after.claims.iss) return 'issuer';
  if (before.certificateSerial !== undefined && offer.certificate !== certificate?.fingerprint)
    return 'certificate';
  for (const part of ['host', 'path', 'origin'] as const) if (session[part] !== offer[part]) return part;
  return undefined;
}

/** What of the door has to be asked again: the guards that say so. */
function atTheDoor(session: RenewalHost, principal: Principal, { recorder }: Services): Refused | undefined {
  for (const { name, guard, observe } of session.plan.door) {
    try {
      const verdict = guard.onRenewal?.(session, principal);
      if (verdict && !verdict.pass && !observe) return verdict;
    } catch (error) {
      const { id, route } = session;
      recorder.event('gateway.fault', { where: `guard ${name}`, error: String(error), session: id, route });
      return refuse('internal', `guard ${name} failed`);
    }
  }
  return undefined;
}

/** Everybody whose rights have bound the session so far, and the one whose rights it had; each set of rights once. */
function boundsOf(session: RenewalHost, next: Principal): readonly Principal[] {
  const before = session.bounds ?? [];
  const all = before.some((each) => haveSameRights(each, session.principal))
    ? before
    : [...before, session.principal];
  return all.filter((each) => !haveSameRights(each, next));
}

/** Whether no rule could tell two principals of one holder apart, but by what is in every token another. */
export function haveSameRights(a: Principal, b: Principal): boolean {
  return isDeepStrictEqual(rightsOf(a), rightsOf(b));
}

function rightsOf({ roles, tier, claims }: Principal) {
  const lasting = Object.entries(claims).filter(([name]) => !OF_ONE_TOKEN.has(name));
  return { roles, tier, claims: Object.fromEntries(lasting) };
}
