import type { Rate } from '../pipeline/units.ts';
import type { Clock } from '../store/clock.ts';
import { Attempts } from './attempts.ts';

export interface LockoutRates {
  readonly perName: Rate;
  readonly perAddress: Rate;
}

/**
 * Names of the file whose failures are remembered: more than a file of 16 MiB has. Guesses at names that there are not
 * stand in a table of their own, so that no number of them pushes a real name's failures out.
 */
const MAX_NAMES = 1_000_000;

/** Names whose last good address is remembered; the one that succeeded longest ago is forgotten first. */
const MAX_HOMES = 10_000;

/**
 * Who may not try a secret for a while: an address that failed too often, whatever the names, and a name that was failed
 * too often, whatever the addresses. The network from which a name last succeeded is exempt from the second, so that a
 * stranger cannot lock a station out by guessing at it.
 */
export class Lockout {
  readonly #names: Attempts;
  readonly #unknownNames: Attempts;
  readonly #networks: Attempts;
  readonly #homes = new Map<string, string>();

  constructor(clock: Clock) {
    this.#names = new Attempts(clock, MAX_NAMES);
    this.#unknownNames = new Attempts(clock);
    this.#networks = new Attempts(clock);
  }

  /** Milliseconds until this name may be tried from this network; 0 if now. */
  wait(name: string, network: string, rates: LockoutRates): number {
    const byNetwork = this.#networks.wait(network, rates.perAddress);
    if (this.#isHome(name, network)) return byNetwork;
    // A reload may have made the one the other.
    const tables = [this.#names, this.#unknownNames];
    return Math.max(byNetwork, ...tables.map((table) => table.wait(name, rates.perName)));
  }

  /** Counts a failure. `exists` tells whether there is such a name. */
  failed(name: string, network: string, rates: LockoutRates, exists: boolean): void {
    this.#networks.charge(network, rates.perAddress);
    if (this.#isHome(name, network)) return;
    (exists ? this.#names : this.#unknownNames).charge(name, rates.perName);
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
