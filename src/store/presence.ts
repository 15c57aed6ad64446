import { networkOf } from './network.ts';

/** Who is here, or is being let in: what connection limits count. */
export interface Seat {
  readonly id: string;
  readonly route: string;
  readonly address: string;
  readonly subject: string;
  readonly tenant: string | undefined;
}

export type PresenceScope = 'route' | 'address' | 'subject' | 'tenant';

/** Seats by key: as one process counts its own, and tells others. */
export type Counts = readonly (readonly [key: string, count: number])[];

/**
 * Counts of seats by route and holder. A seat is taken before the guards judge, so two at once cannot both be the last.
 * Of IPv6, a /64 is one address; all who have no tenant are one tenant. What other nodes say that they hold is counted
 * too (`presence-news.ts` tells them, and hears of them).
 */
export class Presence {
  readonly #own = new Map<string, number>();
  readonly #others = new Map<string, number>();
  readonly #byNode = new Map<string, Map<string, number>>();
  /** Told which own counts have changed, where there is somebody to tell. */
  changed: ((key: string) => void) | undefined;

  enter(seat: Seat): void {
    for (const key of keysOf(seat)) this.#add(key, 1);
  }

  leave(seat: Seat): void {
    for (const key of keysOf(seat)) this.#add(key, -1);
  }

  /** How many seats of this route this holder has, on all nodes, the one that is asking included. */
  count(scope: PresenceScope, route: string, holder: string): number {
    const key = keyOf(scope, route, scope === 'address' ? networkOf(holder) : holder);
    return (this.#own.get(key) ?? 0) + (this.#others.get(key) ?? 0);
  }

  /** What this process holds; of these keys if they are given. */
  own(keys: Iterable<string> = this.#own.keys()): Counts {
    return Array.from(keys, (key) => [key, this.#own.get(key) ?? 0] as const);
  }

  /** Another node has said how many seats it holds. */
  heard(node: string, counts: Counts): void {
    const known = this.#byNode.get(node) ?? new Map<string, number>();
    this.#byNode.set(node, known);
    for (const [key, count] of counts) {
      addTo(this.#others, key, count - (known.get(key) ?? 0));
      if (count > 0) known.set(key, count);
      else known.delete(key);
    }
  }

  /** Another node is gone, and its seats with it. */
  forget(node: string): void {
    for (const [key, count] of this.#byNode.get(node) ?? []) addTo(this.#others, key, -count);
    this.#byNode.delete(node);
  }

  #add(key: string, by: number): void {
    addTo(this.#own, key, by);
    this.changed?.(key);
  }
}

function addTo(counts: Map<string, number>, key: string, by: number): void {
  const sum = (counts.get(key) ?? 0) + by;
  if (sum > 0) counts.set(key, sum);
  else counts.delete(key);
}

function keyOf(scope: PresenceScope, route: string, holder: string): string {
  return `${scope}\0${route}\0${holder}`;
}

function keysOf(seat: Seat): string[] {
  return [
    keyOf('route', seat.route, ''),
    keyOf('address', seat.route, networkOf(seat.address)),
    keyOf('subject', seat.route, seat.subject),
    keyOf('tenant', seat.route, seat.tenant ?? ''),
  ];
}
