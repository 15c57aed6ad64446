import { setTimeout as pause } from 'node:timers/promises';
import type { Cluster } from '../cluster/cluster.ts';
import type { Plan } from '../pipeline/route.ts';
import type { Refused } from '../pipeline/verdict.ts';
import type { Claim } from '../protocol/session-protocol.ts';
import { attach } from '../session/attach.ts';
import { type Claimant, type Claimed, judgeClaim } from '../session/claim.ts';
import { retire } from '../session/drain.ts';
import type { Metering } from '../session/metering.ts';
import { Parking } from '../session/parking.ts';
import type { Attachment, SessionParts } from '../session/parts.ts';
import type { Registry } from '../session/registry.ts';
import { Session, type SessionHost } from '../session/session.ts';
import type { Unfinished } from '../session/unfinished.ts';
import type { Services } from '../store/services.ts';

/** How long sessions that were cut may take to be gone, in milliseconds. */
const CUTTING = 1_000;

export interface SessionsParts {
  readonly services: Services;
  readonly registry: Registry;
  readonly unfinished: Unfinished;
  /** Undefined where nothing is measured. */
  readonly metering: Metering | undefined;
  /** Other processes that may hold the session of a client that comes here; undefined where there are none. */
  readonly cluster: () => Cluster | undefined;
}

/** The sessions of a gateway: how they begin, are found again, follow a reload and end. */
export class Sessions {
  readonly parking: Parking<Session>;
  readonly #parts: SessionsParts;
  /** Where all of them live. */
  readonly #home: SessionHost;

  constructor(parts: SessionsParts) {
    const { services, registry, unfinished, metering } = parts;
    this.#parts = parts;
    this.parking = new Parking(services.node);
    const closed = (session: Session): void => {
      metering?.ended(session);
      if (!session.joined) this.#giveBack(session); // the seat is with the process that holds the session
    };
    this.#home = { services, registry, unfinished, parking: this.parking, closed };
  }

  /** Starts relaying. The sockets and the seat are now the session's, whatever becomes of it. Never throws. */
  open(parts: SessionParts): void {
    let session: Session | undefined;
    try {
      session = new Session(parts, this.#home);
      session.begin(parts);
    } catch (error) {
      const { id, handshake, principal } = parts;
      this.#fault('session', error, id, parts.route.name);
      // One that there is ends with its sockets, and gives its seat back itself.
      if (!session && !parts.joined) {
        this.#giveBack({ id, route: parts.route.name, address: handshake.address, principal });
      }
      parts.client.destroy();
      parts.upstream.socket.destroy();
    }
  }

  /** What a claim leads to in this process. */
  find(claim: Claim, claimant: Claimant): Claimed | Refused {
    return judgeClaim(claim, claimant, this.parking);
  }

  /** What a claim leads to, here or in another process. Never rejects. */
  claim(claim: Claim, claimant: Claimant): Promise<Claimed | Refused> | Claimed | Refused {
    const found = this.find(claim, claimant);
    const elsewhere = !('pass' in found) && found.refused === 'lost';
    return (elsewhere && this.#parts.cluster()?.claim(claim, claimant)) || found;
  }

  /** Goes on with a session over another connection. The socket is now the session's. Never throws. */
  resume(session: Session, parts: Attachment): void {
    try {
      attach(session, parts);
    } catch (error) {
      this.#fault('resume', error, session.id, session.route);
      parts.client.destroy();
      session.destroy();
    }
  }

  /** Has all follow a new plan. Those whose route or identity is gone end within `window` ms; returns how many. */
  follow({ routes }: Plan, window: number): number {
    const byName = new Map(routes.map((route) => [route.name, route]));
    const homeless: Session[] = [];
    for (const session of this.#parts.registry) {
      const route = byName.get(session.route);
      const known = route?.identities.some(({ name }) => name === session.principal.identity);
      if (route && known) session.adopt(route);
      else homeless.push(session);
    }
    retire(homeless, this.#parts.services.clock.monotonic(), window);
    return homeless.length;
  }

  /** After a new CA bundle or revocation list: ends those whose client certificate would not be let in now. */
  endDistrusted(distrusts: (session: Session) => Refused | undefined): void {
    for (const session of this.#parts.registry) {
      const refused = distrusts(session);
      if (!refused) continue;
      session.end(
        refused.code === 'credential_revoked' ? 'session_revoked' : 'session_expired',
        refused.reason,
      );
    }
  }

  cut(): void {
    for (const session of this.#parts.registry) session.destroy();
  }

  /** Each session that was cut has an end to be recorded, which comes a moment later. */
  async emptied(): Promise<void> {
    for (let turn = 0; this.#parts.registry.size > 0 && turn < CUTTING; turn++) await pause(1);
  }

  #giveBack({
    id,
    route,
    address,
    principal: { subject, tenant },
  }: Pick<Session, 'id' | 'route' | 'address' | 'principal'>): void {
    this.#parts.services.presence.leave({ id, route, address, subject, tenant });
  }

  #fault(where: string, error: unknown, session: string, route: string): void {
    const { recorder } = this.#parts.services;
    recorder.event('gateway.fault', { where, error: String(error), session, route });
  }
}
