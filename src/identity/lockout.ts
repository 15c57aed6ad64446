import type { Rate } from '../pipeline/units.ts';
import type { Clock } from '../store/clock.ts';
import { Attempts } from './attempts.ts';

export interface LockoutRates {
  readonly perName: Rate;
  readonly perAddress: Rate;
}

/** Names whose last good address is remembered; the one that succeeded longest ago is forgotten first. */
const MAX_HOMES = 10_000;

/**
 * Who may not try a secret for a while: an address that failed too often, whatever the names, and a name that was failed
 * too often, whatever the addresses. The network from which a name last succeeded is exempt from the second, so that a
 * stranger cannot lock a station out by guessing at it.
 */
export class Lockout {
  readonly #names: Attempts;
  readonly #networks: Attempts;
  readonly #homes = new Map<string, string>();

  constructor(clock: Clock) {
    this.#names = new Attempts(clock);
    this.#networks = new Attempts(clock);
  }

  /** Milliseconds until this name may be tried from this network; 0 if now. */
  wait(name: string, network: string, rates: LockoutRates): number {
    const byNetwork = this.#networks.wait(network, rates.perAddress);
    return this.#isHome(name, network)
      ? byNetwork
      : Math.max(byNetwork, this.#names.wait(name, rates.perName));
  }

  failed(name: string, network: string, rates: LockoutRates): void {
    this.#networks.charge(network, rates.perAddress);
    if (!this.#isHome(name, network)) this.#names.charge(name, rates.perName);
  }

  succeeded(name: string, network: string): void {
    this.#homes.delete(name);
    this.#homes.set(name, network);
    if (this.#homes.size <= MAX_HOMES) return;
    for (const oldest of this.#homes.keys()) {
      this.#homes.delete(oldest);
      return;
    }
  }

  #isHome(name: string, network: string): boolean {
    return this.#homes.get(name) === network;
  }
}
