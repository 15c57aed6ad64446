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
}

/** What is looked at: the parts of a principal that can be revoked. */
export type Holder = { readonly issuedAt?: number } & Readonly<Partial<Record<Revocable, string>>>;

/** More than any incident names, few enough to hold in memory. */
const MAX_REVOCATIONS = 100_000;

/** Which credentials are no longer good, whatever they say themselves. */
export class Revocations {
  readonly #clock: Clock;
  readonly #byKey = new Map<string, Revocation>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#byKey.size;
  }

  /** @throws RangeError when there is no room: better a loud failure than a revocation that is silently not kept. */
  add(revocation: Revocation): void {
    const key = keyOf(revocation.by, revocation.value);
    const known = this.#byKey.get(key);
    if (!known && this.#byKey.size >= MAX_REVOCATIONS) this.#sweep();
    if (!known && this.#byKey.size >= MAX_REVOCATIONS) throw new RangeError('too many revocations');
    // Two for one holder become the stricter of both.
    this.#byKey.set(key, {
      ...revocation,
      issuedBefore: Math.max(revocation.issuedBefore, known?.issuedBefore ?? 0),
      until: Math.max(revocation.until, known?.until ?? 0),
    });
  }

  /** All that have not ended. */
  inForce(): readonly Revocation[] {
    this.#sweep();
    return [...this.#byKey.values()];
  }

  /** The revocation that touches this holder, if any. */
  find(holder: Holder): Revocation | undefined {
    if (this.#byKey.size === 0) return undefined;
    for (const by of REVOCABLE) {
      const value = holder[by];
      const found = value === undefined ? undefined : this.#byKey.get(keyOf(by, value));
      if (found && found.until > this.#clock.now() && touches(found, holder)) return found;
    }
    return undefined;
  }

  #sweep(): void {
    const now = this.#clock.now();
    for (const [key, { until }] of this.#byKey) if (until <= now) this.#byKey.delete(key);
  }
}

/** Whether a revocation touches a holder. One that does not say when it was issued counts as old: fail closed. */
export function touches({ by, value, issuedBefore }: Revocation, holder: Holder): boolean {
  if (holder[by] !== value) return false;
  if (by === 'tokenId' || by === 'certificateSerial') return true;
  return (holder.issuedAt ?? 0) < issuedBefore;
}

function keyOf(by: Revocable, value: string): string {
  return `${by}\0${value}`;
}
