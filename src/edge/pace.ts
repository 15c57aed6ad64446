import { type EventLoopUtilization, performance } from 'node:perf_hooks';

/** A tick that comes later than this was kept waiting by too much work, in milliseconds. */
const LATE = 5;

/** A loop that was at work for less of the time was kept waiting by the machine, and fewer handshakes would not help. */
const BUSY = 0.8;

/** The rate changes once in so many milliseconds: down by a part if a tick was late, up by a step if none was. */
const ROUND = 100;
const DOWN = 0.85;
const UP = 30; // handshakes a second

/** Handshakes a second: at the start, and between what bounds. */
const RATE = { start: 500, least: 100, most: 10_000 } as const;

/** What of the rate is kept for later, in milliseconds. */
const BURST = 20;

/** Of which less was used is no rate. */
const USED = 0.75;

/**
 * The rate at which handshakes may begin, found from what the machine can do. That shows in the event loop: if it was at
 * work nearly all the time and a timer came late, it was too much. So the rate falls by a part when that is seen, and grows
 * by a step while somebody waits and it is not (AIMD, as in TCP). If they waited all the time and the rate was not used
 * up, something else holds them, and it falls to what was.
 */
export class Pace {
  readonly #busy: () => number;
  #rate: number = RATE.start;
  /** How many may begin now. */
  #allowance: number = (RATE.start * BURST) / 1_000;

  // The round at hand: when it began, how late the latest tick was, how many began, and whether others waited.
  #since = 0;
  #latest = 0;
  #begun = 0;
  #crowded = true; // all the time

  /** `busy` says for which part of the time since it was last asked the event loop was at work. */
  constructor(busy: () => number = utilization()) {
    this.#busy = busy;
  }

  /** Handshakes that may begin in a second. */
  get rate(): number {
    return this.#rate;
  }

  /** Whether one may begin now. */
  get free(): boolean {
    return this.#allowance >= 1;
  }

  spend(): void {
    this.#allowance--;
    this.#begun++;
  }

  /** Nobody has looked for a while: a round begins. */
  wake(now: number, elapsed: number): void {
    this.#refill(elapsed);
    this.#begin(now);
    this.#busy();
  }

  /** A tick came so late, and so long after the one before; whether anybody waits. Times in milliseconds. */
  tick(now: number, elapsed: number, late: number, crowded: boolean): void {
    this.#latest = Math.max(this.#latest, late);
    this.#crowded &&= crowded;
    if (now - this.#since >= ROUND) this.#adapt(now, crowded);
    // What was missed while the loop was busy is not made up for: that would keep it busy.
    this.#refill(elapsed);
  }

  #adapt(now: number, crowded: boolean): void {
    const busy = this.#busy() >= BUSY;
    const used = (this.#begun * 1_000) / (now - this.#since);
    const spare = this.#crowded && this.free && used < this.#rate * USED;
    let rate = this.#rate;
    if (busy && this.#latest > LATE) rate *= DOWN;
    else if (crowded) rate = spare ? Math.max(used, rate * DOWN) : rate + UP;
    this.#rate = Math.min(RATE.most, Math.max(RATE.least, rate));
    this.#begin(now);
  }

  #begin(now: number): void {
    this.#since = now;
    this.#latest = 0;
    this.#begun = 0;
    this.#crowded = true;
  }

  #refill(elapsed: number): void {
    const most = (this.#rate * BURST) / 1_000;
    this.#allowance = Math.min(most, this.#allowance + (this.#rate * elapsed) / 1_000);
  }
}

function utilization(): () => number {
  let before: EventLoopUtilization | undefined;
  return () => {
    const now = performance.eventLoopUtilization();
    const { utilization } = before ? performance.eventLoopUtilization(now, before) : now;
    before = now;
    return utilization;
  };
}
