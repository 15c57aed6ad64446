import { type EventLoopUtilization, performance } from 'node:perf_hooks';
import type { Clock } from '../store/clock.ts';
import type { Services } from '../store/services.ts';

/** How often those who wait are looked at, in milliseconds. */
const TICK = 10;

/** A tick that comes later than this was kept waiting by too much work, in milliseconds. */
const LATE = 20;

/** What accepting one connection takes of a turn, in milliseconds: that a crowd arrives is no reason to let in fewer. */
const ACCEPT = 0.1;

/** A loop that was at work for less of the time was kept waiting by the machine, and fewer handshakes would not help. */
const BUSY = 0.8;

/** The rate changes once in so many milliseconds: down by a part if a tick was late, up by a step if none was. */
const ROUND = 100;
const DOWN = 0.85;
const UP = 30; // handshakes a second

/** Handshakes a second: at the start, and between what bounds. */
const RATE = { start: 500, least: 100, most: 10_000 } as const;

/** What may begin in one turn, as milliseconds of the rate: the more, the longer others wait, and nobody sees it. */
const BURST = 2 * TICK;

/** How long anybody waits: at most this many milliseconds, by the rate at which they come. */
const PATIENCE = 5_000;

/** When nobody has come for so long, nobody looks any more, in milliseconds. */
const QUIET = 1_000;

/** A queue that has lasted so long is a storm, in milliseconds. */
const STORM = 1_000;

/** One who waits for the handshake to begin. */
interface Waiting {
  readonly since: number;
  /** Begins, or hears that it took too long. False if there is nothing to begin any more. */
  readonly turn: (late: boolean) => boolean;
}

/**
 * Holds the rate at which handshakes begin to what the machine can do. Handshakes are the dearest thing that a stranger
 * can ask for; when thousands return at once, those who are connected would wait behind all of them. What the machine can
 * do shows in the event loop: if it was at work nearly all the time and a timer came late, it was too much. So the rate falls
 * by a part when that is seen, and grows by a step while somebody waits and it is not (AIMD, as in TCP).
 *
 * Whoever waits has cost an accept and nothing else: not a byte of theirs is read. Who would wait for too long is turned
 * away at once.
 */
export class Admission {
  readonly #clock: Clock;
  readonly #recorder: Services['recorder'];
  readonly #busy: () => number;
  /** In order of arrival. */
  readonly #queue = new Set<Waiting>();
  #rate: number = RATE.start;
  /** How many may begin now. */
  #allowance: number = (RATE.start * BURST) / 1_000;
  #last: number;
  /** Runs while anybody has come of late. */
  #timer: NodeJS.Timeout | undefined;
  #came = 0;

  // The round at hand.
  #roundSince = 0;
  #latest = 0;
  /** Connections that came since the last tick. */
  #accepted = 0;

  // The queue at hand.
  #queuedSince = 0;
  #storm = false;
  #admitted = 0;
  #turnedAway = 0;

  /** `busy` says for which part of the time since it was last asked the event loop was at work. */
  constructor({ clock, recorder }: Pick<Services, 'clock' | 'recorder'>, busy: () => number = utilization()) {
    this.#clock = clock;
    this.#recorder = recorder;
    this.#busy = busy;
    this.#last = clock.monotonic();
  }

  /** Handshakes that may begin in a second. */
  get rate(): number {
    return this.#rate;
  }

  /** Connections that wait. */
  get waiting(): number {
    return this.#queue.size;
  }

  /** `turn` is called at once, or when its time has come; false if there are too many before it. */
  enter(turn: Waiting['turn']): boolean {
    const now = this.#clock.monotonic();
    if (!this.#timer) this.#wake(now);
    this.#came = now;
    this.#accepted++;
    if (this.waiting === 0 && this.#allowance >= 1) {
      this.#allowance--;
      turn(false);
      return true;
    }
    if (this.waiting === 0) this.#begin(now);
    if (this.waiting >= (this.#rate * PATIENCE) / 1_000) {
      this.#turnedAway++;
      return false;
    }
    this.#queue.add({ since: now, turn });
    return true;
  }

  /** Begins what is due. Comes from the timer; a test may call it. */
  tick(): void {
    const now = this.#clock.monotonic();
    const elapsed = now - this.#last;
    this.#last = now;
    this.#latest = Math.max(this.#latest, elapsed - TICK - this.#accepted * ACCEPT);
    this.#accepted = 0;
    if (now - this.#roundSince >= ROUND) this.#adapt(now);
    // What was missed while the loop was busy is not made up for: that would keep it busy.
    this.#refill(elapsed);
    for (const waiting of this.#queue) {
      if (this.#allowance < 1) break;
      this.#queue.delete(waiting);
      this.#call(waiting, now);
    }
    if (!this.#storm && this.waiting > 0 && now - this.#queuedSince >= STORM) this.#say();
    if (this.waiting > 0) return;
    this.#end(now);
    if (now - this.#came >= QUIET) this.#sleep();
  }

  /** The rate may have fallen since it came, and then it has waited for too long. */
  #call({ since, turn }: Waiting, now: number): void {
    const late = now - since > 2 * PATIENCE;
    const began = turn(late);
    if (late) this.#turnedAway++;
    if (late || !began) return;
    this.#admitted++;
    this.#allowance--;
  }

  #refill(elapsed: number): void {
    const most = (this.#rate * BURST) / 1_000;
    this.#allowance = Math.min(most, this.#allowance + (this.#rate * elapsed) / 1_000);
  }

  #adapt(now: number): void {
    let rate = this.#rate;
    const busy = this.#busy() >= BUSY;
    if (busy && this.#latest > LATE) rate *= DOWN;
    else if (this.waiting > 0) rate += UP;
    this.#rate = Math.min(RATE.most, Math.max(RATE.least, rate));
    this.#roundSince = now;
    this.#latest = 0;
  }

  #wake(now: number): void {
    this.#timer = setInterval(() => this.tick(), TICK).unref();
    this.#refill(now - this.#last);
    this.#last = now;
    this.#roundSince = now;
    this.#latest = 0;
    this.#busy();
  }

  #sleep(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** The first one waits. */
  #begin(now: number): void {
    this.#queuedSince = now;
    this.#admitted = 0;
    this.#turnedAway = 0;
  }

  #say(): void {
    this.#storm = true;
    this.#recorder.event('storm.began', { waiting: this.waiting, rate: Math.round(this.#rate) });
  }

  #end(now: number): void {
    if (!this.#storm) return;
    this.#storm = false;
    this.#recorder.event('storm.ended', {
      admitted: this.#admitted,
      refused: this.#turnedAway,
      rate: Math.round(this.#rate),
      seconds: (now - this.#queuedSince) / 1_000,
    });
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

/** The one of this process: all listeners share its event loop. */
export function admissionOf(services: Pick<Services, 'clock' | 'recorder' | 'shared'>): Admission {
  return services.shared.get('edge:admission', () => new Admission(services));
}
