import { holderOf } from '../pipeline/holder.ts';
import type { Registry } from '../session/registry.ts';
import type { Session } from '../session/session.ts';
import { type Kept, RevocationLedger } from '../store/revocation-ledger.ts';
import {
  type Revocation,
  type RevocationFacts,
  type RevocationOrder,
  revocationId,
} from '../store/revocations.ts';
import type { Services } from '../store/services.ts';

/** A revocation whose end nobody gave is kept so long, in milliseconds: longer than a credential should live. */
const REVOCATION_LIFE = 30 * 86_400_000;

/** The one way to revoke, whoever asks for it, here or at another worker or node: sessions that it touches end here. */
export class Revoker {
  readonly #registry: Registry;
  readonly #services: Services;
  readonly #ledger: RevocationLedger;
  /** Sessions that the revocation which is being added has ended. */
  #ended = 0;

  constructor(registry: Registry, services: Services) {
    this.#registry = registry;
    this.#services = services;
    this.#ledger = new RevocationLedger(services, {
      holds: (revocation) => this.#end(revocation),
      fault: (error) =>
        services.recorder.event('gateway.fault', { where: 'revocations', error: String(error) }),
    });
  }

  /** Takes up what was revoked before this process was. @throws StoreError if that cannot be known */
  open(): Promise<void> {
    return this.#ledger.open();
  }

  /**
   * Refuses these credentials at once, ends the sessions that they opened, and resolves when that is kept and others have
   * been told.
   *
   * @throws RangeError when there is no room for another revocation.
   */
  async revoke(order: RevocationOrder): Promise<RevocationFacts> {
    this.#ended = 0;
    const keeping = this.#ledger.add(this.#last(order));
    const ended = this.#ended; // all of them: nothing has been waited for yet
    return { ended, ...this.#said(order, await keeping) };
  }

  /**
   * The same in this process alone, where another worker keeps it and tells the nodes: says how many sessions it ended.
   *
   * @throws RangeError when there is no room for another revocation.
   */
  enforce(order: RevocationOrder): number {
    const revocation = this.#last(order);
    this.#ended = 0;
    this.#services.revocations.add(revocation);
    this.#end(revocation);
    return this.#ended;
  }

  /** Takes back the revocation of this id; undefined if there is none. */
  async lift(id: string): Promise<RevocationFacts | undefined> {
    const { revocations, clock } = this.#services;
    const found = revocations.inForce().find((each) => revocationId(each) === id);
    if (!found) return undefined;
    const kept = await this.#ledger.add({
      ...found,
      at: Math.max(clock.now(), (found.at ?? 0) + 1),
      lifted: true,
    });
    return { ended: 0, ...this.#said(found, kept) };
  }

  close(): void {
    this.#ledger.close();
  }

  #last(order: RevocationOrder): Revocation {
    const { revocations, clock } = this.#services;
    return revocations.afterAll(dated(order, clock.now()));
  }

  /** The record has it where others do not know of it yet: whoever ordered it may not have read the answer. */
  #said({ by }: Pick<Revocation, 'by'>, kept: Kept): Kept {
    const { problem: reason } = kept;
    if (reason !== undefined) this.#services.recorder.event('revocation.unshared', { by, reason });
    return kept;
  }

  #end({ by, value }: Revocation): void {
    for (const session of this.#named(by, value)) {
      const { id, principal, address, certificate } = session;
      const found = this.#services.revocations.find(
        holderOf(principal, { session: id, address, certificate }),
      );
      if (!found) continue;
      session.end(found.renewable ? 'session_expired' : 'session_revoked');
      if (!session.joined) this.#ended++; // else whoever holds it counts it
    }
  }

  #named(by: Revocation['by'], value: string): Iterable<Session> {
    if (by === 'session') return [this.#registry.get(value)].filter((each) => each !== undefined);
    // Of a network there is no index.
    if (by === 'address' && value.includes('/')) return [...this.#registry];
    return this.#registry.find({ [by]: value });
  }
}

/** The whole of what was ordered at this moment, so that all who enforce it enforce the same. */
export function dated(order: RevocationOrder, now: number): Revocation {
  return { issuedBefore: now, until: now + REVOCATION_LIFE, at: now, ...order };
}
