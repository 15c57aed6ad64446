import type { Clock } from './clock.ts';

/** What a revocation names. A subject or tenant is revoked for credentials issued before a moment: later ones are good. */
export const REVOCABLE = ['tokenId', 'subject', 'tenant', 'certificateSerial'] as const;
export type Revocable = (typeof REVOCABLE)[number];

export interface Revocation {
  readonly by: Revocable;
  readonly value: string;
  /** Credentials issued later are not touched; milliseconds since the epoch. */
  readonly issuedBefore: number;
  /** When the last credential that this could touch has run out; milliseconds since the epoch. */
  readonly until: number;
  /** Only credentials that this identity found good; those of all identities where absent. */
  readonly identity?: string;
  /** Only holders of this tenant, and those without any; of all tenants where absent. */
  readonly within?: string;
  /** The holder may come back with a newer credential: open sessions end as expired and not as revoked. */
  readonly renewable?: true;
}

/**
 * What is to be revoked. `issuedBefore` is now where absent; `until` is then so far away that no credential that it
 * could touch is still good.
 */
export type RevocationOrder = Pick<Revocation, 'by' | 'value'> & Partial<Revocation>;

/** What a revocation did. It is in force, whatever else is said. */
export interface RevocationFacts {
  /** How many sessions it ended. */
  readonly ended: number;
  /** Whether it outlives the process; false where the configuration does not ask for that. */
  readonly kept: boolean;
  /** Why it is not kept, though it should be. */
  readonly problem?: string;
}

/** What is looked at: the parts of a principal that can be revoked. */
export type Holder = { readonly identity?: string; readonly issuedAt?: number } & Readonly<
  Partial<Record<Revocable, string>>
>;

/** More than any incident names, few enough to hold in memory. */
const MAX_REVOCATIONS = 100_000;

/** Which credentials are no longer good, whatever they say themselves. */
export class Revocations {
  readonly #clock: Clock;
  /** By kind and value of what they name; several of one name differ in whom they touch. */
  readonly #byName = new Map<string, readonly Revocation[]>();
  #size = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#size;
  }

  /** @throws RangeError when there is no room: better a loud failure than a revocation that is silently not kept. */
  add(revocation: Revocation): void {
    const key = revocationKey(revocation);
    const known = this.#named(revocation).find((each) => revocationKey(each) === key);
    if (!known && this.#size >= MAX_REVOCATIONS) this.#sweep();
    if (!known && this.#size >= MAX_REVOCATIONS) throw new RangeError('too many revocations');
    // Two for one holder become the stricter of both.
    const added = {
      ...revocation,
      issuedBefore: Math.max(revocation.issuedBefore, known?.issuedBefore ?? 0),
      until: Math.max(revocation.until, known?.until ?? 0),
    };
    const others = this.#named(revocation).filter((each) => each !== known);
    this.#byName.set(nameOf(revocation.by, revocation.value), [...others, added]);
    if (!known) this.#size++;
  }

  /** All that have not ended. */
  inForce(): readonly Revocation[] {
    this.#sweep();
    return [...this.#byName.values()].flat();
  }

  /** The revocation that touches this holder, if any; of several, one after which nobody comes back. */
  find(holder: Holder): Revocation | undefined {
    if (this.#size === 0) return undefined;
    let renewable: Revocation | undefined;
    for (const by of REVOCABLE) {
      const value = holder[by];
      if (value === undefined) continue;
      for (const each of this.#named({ by, value })) {
        if (each.until <= this.#clock.now() || !touches(each, holder)) continue;
        if (!each.renewable) return each;
        renewable = each;
      }
    }
    return renewable;
  }

  #named({ by, value }: Pick<Revocation, 'by' | 'value'>): readonly Revocation[] {
    return this.#byName.get(nameOf(by, value)) ?? NONE;
  }

  #sweep(): void {
    const now = this.#clock.now();
    this.#size = 0;
    for (const [name, all] of this.#byName) {
      const left = all.filter(({ until }) => until > now);
      if (left.length === 0) this.#byName.delete(name);
      else this.#byName.set(name, left);
      this.#size += left.length;
    }
  }
}

const NONE: readonly Revocation[] = [];

/** Whether a revocation touches a holder. One that does not say when it was issued counts as old: fail closed. */
export function touches({ by, value, issuedBefore, identity, within }: Revocation, holder: Holder): boolean {
  if (holder[by] !== value) return false;
  if (identity !== undefined && holder.identity !== undefined && holder.identity !== identity) return false;
  if (within !== undefined && holder.tenant !== undefined && holder.tenant !== within) return false;
  if (by === 'tokenId' || by === 'certificateSerial') return true;
  return (holder.issuedAt ?? 0) < issuedBefore;
}

/** What makes two revocations one: whom they touch and how, and not since when. */
export function revocationKey({ by, value, identity, within, renewable }: Revocation): string {
  return JSON.stringify([by, value, identity, within, renewable]);
}

function nameOf(by: Revocable, value: string): string {
  return `${by}\0${value}`;
}
