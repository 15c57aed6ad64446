import type { EdgeLimits } from '../config/listener.ts';
import type { RefusalCode } from '../errors.ts';
import type { Clock } from '../store/clock.ts';
import { networkOf } from '../store/network.ts';

/** Networks whose recent handshakes are remembered, for each connection the listener may hold. */
const MEMORY = 2;

/**
 * Who may come in at all: counts by address, before anything is done for a stranger. Its tables are bounded: networks
 * that are connected by the limit on connections, networks that were here lately by forgetting the longest absent.
 */
export class Door {
  #limits: EdgeLimits;
  readonly #clock: Clock;
  /** Connections by network. */
  readonly #present = new Map<string, number>();
  /** When each network will have used up its handshakes (GCRA's theoretical arrival time), the least recent first. */
  readonly #spent = new Map<string, number>();

  constructor(limits: EdgeLimits, clock: Clock) {
    this.#limits = limits;
    this.#clock = clock;
  }

  /** Takes new limits; who is in stays in. */
  update(limits: EdgeLimits): void {
    this.#limits = limits;
  }

  /** How many networks are remembered. */
  get size(): number {
    return this.#present.size + this.#spent.size;
  }

  /** Counts a connection from this address in, or says why not. Whoever came in must `leave`. */
  enter(address: string): RefusalCode | undefined {
    const network = networkOf(address);
    const present = this.#present.get(network) ?? 0;
    if (present >= this.#limits.perAddress.connections) return 'address_connections';
    if (!this.#spend(network)) return 'address_handshakes';
    this.#present.set(network, present + 1);
    return undefined;
  }

  leave(address: string): void {
    const network = networkOf(address);
    const left = (this.#present.get(network) ?? 1) - 1;
    if (left > 0) this.#present.set(network, left);
    else this.#present.delete(network);
  }

  #spend(network: string): boolean {
    const { count, period } = this.#limits.perAddress.handshakes;
    const now = this.#clock.monotonic();
    const next = Math.max(now, this.#spent.get(network) ?? 0) + period / count;
    if (next > now + period) return false;
    this.#spent.delete(network);
    this.#spent.set(network, next);
    this.#forget(now);
    return true;
  }

  /** Drops networks whose allowance is whole again, and the longest absent when there are too many. */
  #forget(now: number): void {
    const most = this.#limits.connections * MEMORY;
    for (const [network, spent] of this.#spent) {
      if (spent > now && this.#spent.size <= most) return;
      this.#spent.delete(network);
    }
  }
}
