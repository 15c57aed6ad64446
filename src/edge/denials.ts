import { REFUSALS } from '../errors.ts';
import type { Refused } from '../pipeline/verdict.ts';
import type { Clock } from '../store/clock.ts';
import { networkOf } from '../store/network.ts';
import type { Services } from '../store/services.ts';

/** So many refusals in a row are a user who looks for the right key; the next is a loop. */
const FREE = 3;

/** The first wait, which doubles with each refusal, and the longest, in milliseconds. */
const WAIT = { first: 2_000, longest: 300_000 } as const;

/** A network that was not refused for so long begins anew, in milliseconds. */
const FORGOTTEN = 600_000;

/** Networks that are remembered; the one that was refused longest ago is forgotten first. */
const MEMORY = 10_000;

interface Streak {
  readonly refusals: number;
  /** Monotonic milliseconds. */
  readonly last: number;
}

/**
 * How often each network was denied in a row, and so how long it should stay away: a client that comes back at once
 * with what was refused is told to wait longer each time. It is advice, and never a refusal itself, for others may share
 * the address; what bounds a loop is `perAddress.handshakes`.
 */
export class Denials {
  readonly #clock: Clock;
  /** The longest ago first. */
  readonly #streaks = new Map<string, Streak>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How many networks are remembered. */
  get size(): number {
    return this.#streaks.size;
  }

  /** The refusal, with the wait that it has come to. One that is our fault, or the upstream's, counts for nobody. */
  counted(refused: Refused, address: string): Refused {
    const { status, retryable } = REFUSALS[refused.code];
    if (retryable || status >= 500) return refused;
    const wait = this.#count(networkOf(address));
    if (wait === 0) return refused;
    return { ...refused, retryAfter: Math.max(wait, refused.retryAfter ?? 0) };
  }

  /** Somebody from there was let in. */
  forgive(address: string): void {
    if (this.#streaks.size > 0) this.#streaks.delete(networkOf(address));
  }

  #count(network: string): number {
    const now = this.#clock.monotonic();
    const before = this.#streaks.get(network);
    const fresh = before === undefined || now - before.last >= FORGOTTEN;
    const refusals = fresh ? 1 : before.refusals + 1;
    this.#streaks.delete(network);
    this.#streaks.set(network, { refusals, last: now });
    if (this.#streaks.size > MEMORY) this.#streaks.delete(this.#streaks.keys().next().value!);
    if (refusals <= FREE) return 0;
    return Math.min(WAIT.longest, WAIT.first * 2 ** (refusals - FREE - 1));
  }
}

/** The one of this process. */
export function denialsOf({ shared, clock }: Pick<Services, 'shared' | 'clock'>): Denials {
  return shared.get('edge:denials', () => new Denials(clock));
}
