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

/**
 * Counts of seats by route and holder. A seat is taken before the guards judge, so two at once cannot both be the last.
 * Of IPv6, a /64 is one address; all who have no tenant are one tenant.
 */
export class Presence {
  readonly #counts = new Map<string, number>();

  enter(seat: Seat): void {
    for (const key of keysOf(seat)) this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
  }

  leave(seat: Seat): void {
    for (const key of keysOf(seat)) {
      const left = (this.#counts.get(key) ?? 1) - 1;
      if (left > 0) this.#counts.set(key, left);
      else this.#counts.delete(key);
    }
  }

  /** How many seats of this route this holder has, the one that is asking included. */
  count(scope: PresenceScope, route: string, holder: string): number {
    return this.#counts.get(keyOf(scope, route, scope === 'address' ? networkOf(holder) : holder)) ?? 0;
  }
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
