import { createHash } from 'node:crypto';
import type { Clock } from './clock.ts';
import { networkName } from './network.ts';

/**
 * What a revocation names. A subject or tenant is revoked for credentials issued before a moment: later ones are good. An
 * address is one, or a network (`192.0.2.0/24`), and who comes from there is refused whatever its credential.
 */
export const REVOCABLE = ['tokenId', 'subject', 'tenant', 'certificateSerial', 'session', 'address'] as const;
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
  /** When it was ordered; milliseconds since the epoch, as long ago as can be where absent. */
  readonly at?: number;
  /** It was taken back: what was ordered before does not hold. Kept, so that no other process brings it in again. */
  readonly lifted?: true;
}

/**
 * What is to be revoked. `issuedBefore` is now where absent; `until` is then so far away that no credential that it
 * could touch is still good.
 */
export type RevocationOrder = Pick<Revocation, 'by' | 'value'> & Partial<Revocation>;

/** What a revocation did. It is in force, whatever else is said. */
export interface RevocationFacts {
  /** How many sessions it ended, of all who said so in time. */
  readonly ended: number;
  /** Who did not. */
  readonly missing?: readonly string[];
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
  /** The lengths of the networks that were ever named. */
  readonly #prefixes = new Set<number>();
  #size = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#size;
  }

  /**
   * Adds it, and returns what holds by it from now on; undefined if that held before. Two for one holder become the
   * stricter of both, and whether they hold at all is what was ordered last.
   *
   * @throws RangeError when there is no room: better a loud failure than a revocation that is silently not kept.
   */
  add(revocation: Revocation): Revocation | undefined {
    const known = this.#known(revocation);
    if (!known && this.#size >= MAX_REVOCATIONS) this.#sweep();
    if (!known && this.#size >= MAX_REVOCATIONS) throw new RangeError('too many revocations');
    const added = known ? merged(known, revocation) : revocation;
    if (known && isSame(known, added)) return undefined;
    const others = this.#named(revocation).filter((each) => each !== known);
    this.#byName.set(nameOf(revocation.by, revocation.value), [...others, added]);
    if (!known) this.#size++;
    const bits = revocation.by === 'address' ? revocation.value.split('/')[1] : undefined;
    if (bits !== undefined) this.#prefixes.add(Number(bits));
    return added;
  }

  /** The same, ordered after what is known of the same holder, wherever the clock was set since: what is ordered last holds. */
  afterAll(revocation: Revocation): Revocation {
    const known = this.#known(revocation)?.at ?? 0;
    return known > (revocation.at ?? 0) ? { ...revocation, at: known + 1 } : revocation;
  }

  /** All that have not ended, those included that were lifted. */
  all(): readonly Revocation[] {
    this.#sweep();
    return [...this.#byName.values()].flat();
  }

  /** All that have not ended and were not lifted. */
  inForce(): readonly Revocation[] {
    return this.all().filter(({ lifted }) => !lifted);
  }

  /** The revocation that touches this holder, if any; of several, one after which nobody comes back. */
  find(holder: Holder): Revocation | undefined {
    if (this.#size === 0) return undefined;
    let renewable: Revocation | undefined;
    const now = this.#clock.now();
    for (const by of REVOCABLE) {
      const value = holder[by];
      if (value === undefined) continue;
      for (const name of by === 'address' ? this.#networksOf(value) : [value]) {
        for (const each of this.#named({ by, value: name })) {
          if (each.until <= now || !touches(each, holder, now)) continue;
          if (!each.renewable) return each;
          renewable = each;
        }
      }
    }
    return renewable;
  }

  /** The address, and every network that it is in and that somebody may have named. */
  #networksOf(address: string): readonly string[] {
    return [address, ...[...this.#prefixes].map((bits) => networkName(address, bits) ?? '')];
  }

  #known(revocation: Revocation): Revocation | undefined {
    const key = revocationKey(revocation);
    return this.#named(revocation).find((each) => revocationKey(each) === key);
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

/** By how much the clock of an issuer may be ahead of ours, in milliseconds. */
const AHEAD = 60_000;

/**
 * Whether a revocation that names it touches a holder. One that does not say when it was issued counts as old: fail closed;
 * and so does one that will be issued only in a while, for our clock was set back since.
 */
function touches(
  { by, issuedBefore, identity, within, lifted }: Revocation,
  holder: Holder,
  now: number,
): boolean {
  if (lifted) return false;
  if (identity !== undefined && holder.identity !== undefined && holder.identity !== identity) return false;
  if (within !== undefined && holder.tenant !== undefined && holder.tenant !== within) return false;
  if (by !== 'subject' && by !== 'tenant') return true;
  const issuedAt = holder.issuedAt ?? 0;
  return issuedAt < issuedBefore || issuedAt > now + AHEAD;
}

/** What two of one holder come to, whichever is heard of first. */
function merged(a: Revocation, b: Revocation): Revocation {
  const issuedBefore = Math.max(a.issuedBefore, b.issuedBefore);
  const until = Math.max(a.until, b.until);
  const [atA = 0, atB = 0] = [a.at, b.at];
  if (!a.lifted && !b.lifted) return { ...(atA > atB ? a : b), issuedBefore, until };
  // What was ordered last holds; of two at once, the one that refuses.
  const last = atA === atB ? (a.lifted ? b : a) : atA > atB ? a : b;
  return last.lifted ? { ...last, until } : last;
}

function isSame(a: Revocation, b: Revocation): boolean {
  return a.issuedBefore === b.issuedBefore && a.until === b.until && a.at === b.at && a.lifted === b.lifted;
}

const ids = new WeakMap<Revocation, string>();

/** What a revocation is called in the store and in the admin API: 256 bits of what makes it one. */
export function revocationId(revocation: Revocation): string {
  const known = ids.get(revocation);
  if (known !== undefined) return known;
  const id = createHash('sha256').update(revocationKey(revocation)).digest('base64url');
  ids.set(revocation, id);
  return id;
}

/** What makes two revocations one: whom they touch and how, and not since when. */
function revocationKey({ by, value, identity, within, renewable }: Revocation): string {
  return JSON.stringify([by, value, identity, within, renewable]);
}

function nameOf(by: Revocable, value: string): string {
  return `${by}\0${value}`;
}
