import { within } from '../pipeline/deadline.ts';
import { type Identification, isRefused, NOT_MINE, type Recheck } from '../pipeline/identity.ts';
import type { Principal } from '../pipeline/principal.ts';
import { who } from '../pipeline/refusals.ts';
import { type Refused, refuse } from '../pipeline/verdict.ts';
import type { Services } from '../store/services.ts';
import { handshakeOf, haveSameRights, type RenewalHost, renew } from './renewal.ts';

/** What the rechecks ask and tell a session. */
export interface RecheckHost extends RenewalHost {
  /** When its credential is to be asked about again, and when it runs out; monotonic milliseconds. */
  recheckAt: number;
  readonly credentialEnds: number;
}

/** Questions under way at once: half of what an identity asks, for nobody at the door shall wait for these. */
const AT_ONCE = 16;

/** How long one question may take, its wait for a turn included, in milliseconds. */
const PATIENCE = 10_000;

/** By how much the provider's clock may be ahead: a no so close to the end is the end, and no withdrawal. */
const SLACK = 5_000;

/** Asks providers again about the credentials of open sessions. Who is due waits for a turn, in order. */
export class Rechecks {
  readonly #services: Services;
  readonly #waiting = new Set<RecheckHost>();
  #asking = 0;

  constructor(services: Services) {
    this.#services = services;
  }

  /** Takes a session whose time has come; it gets its next time when it was asked about. */
  due(session: RecheckHost): void {
    session.recheckAt = Infinity;
    this.#waiting.add(session);
    this.#next();
  }

  #next(): void {
    for (const session of this.#waiting) {
      if (this.#asking >= AT_ONCE) return;
      this.#waiting.delete(session);
      if (session.ending) continue;
      this.#asking++;
      void this.#ask(session).then(() => {
        this.#asking--;
        this.#next();
      });
    }
  }

  /** Never rejects. */
  async #ask(session: RecheckHost): Promise<void> {
    const { principal } = session;
    const recheck = recheckOf(session);
    if (!recheck) return;
    const found = await this.#answer(recheck, session);
    // Whoever brought a new credential meanwhile is asked about that one.
    if (!session.ending && session.principal === principal) this.#judge(found, session);
    session.recheckAt = recheckTime(session, this.#services.clock.monotonic());
  }

  async #answer(recheck: Recheck, session: RecheckHost): Promise<Identification> {
    try {
      return await within(recheck.ask(session.principal, handshakeOf(session)), PATIENCE, 'a provider');
    } catch (error) {
      const { id, route } = session;
      const fields = { where: 'recheck', error: String(error), session: id, route };
      this.#services.recorder.event('gateway.fault', fields);
      return refuse('identity_unavailable', 'the question failed');
    }
  }

  #judge(found: Identification, session: RecheckHost): void {
    if (found === NOT_MINE) return; // not known here: it was opened before it was to be asked about
    if (isRefused(found)) this.#refused(found, session);
    else if (!isSame(found, session.principal)) this.#changed(found, session);
  }

  #changed(principal: Principal, session: RecheckHost): void {
    const { host, path, origin, certificate } = session;
    const offer = { principal, host, path, origin, certificate: certificate?.fingerprint };
    const done = renew(session, offer, 'provider', this.#services);
    if (!done.pass && done.code === 'identity_mismatch') session.end('session_revoked', done.reason);
  }

  /** Where nobody can say, the credential is good for as long as it was. */
  #refused(refused: Refused, session: RecheckHost): void {
    const { code, reason } = refused;
    this.#services.recorder.event('credential.refused', { ...who(session), by: 'provider', code, reason });
    if (code !== 'credential_invalid' && code !== 'identity_mismatch' && code !== 'credential_expired')
      return;
    // It runs out by itself, or has: then the route's grace decides.
    if (this.#services.clock.monotonic() >= session.credentialEnds - SLACK) return;
    session.end(code === 'credential_expired' ? 'session_expired' : 'session_revoked', reason);
  }
}

/**
 * When a session is to be asked about next: by chance within the second half of the time that may pass, so that those
 * who came together are not asked about together. Infinity where it never is.
 */
export function recheckTime(session: RenewalHost, now: number): number {
  const every = recheckOf(session)?.every;
  return every === undefined ? Infinity : now + every * (1 - Math.random() / 2);
}

function recheckOf({ plan, principal }: RenewalHost): Recheck | undefined {
  return plan.identities.find(({ name }) => name === principal.identity)?.identity.recheck;
}

function isSame(a: Principal, b: Principal): boolean {
  return a.expiresAt === b.expiresAt && a.tokenId === b.tokenId && haveSameRights(a, b);
}
