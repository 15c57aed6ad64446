import type { Clock } from '../store/clock.ts';
import type { Services } from '../store/services.ts';
import { Pace } from './pace.ts';
import { type Turnstile, turnstileOf } from './turnstile.ts';

/** How often those who wait are looked at, in milliseconds. */
const TICK = 10;

/** What accepting one connection takes of a turn, in milliseconds: that a crowd arrives is no reason to let in fewer. */
const ACCEPT = 0.1;

/** How long anybody waits: at most this many milliseconds, by the rate at which they come. */
const PATIENCE = 5_000;

/** The rate may fall meanwhile. Who has waited for so long is turned away: little of its deadline is left. */
const TOO_LONG = 1.5 * PATIENCE;

/** Handshakes under way at once: each holds some 60 KiB, and one that stands still holds them until its deadline. */
export const UNDER_WAY = 1_000;

/** When nobody has come for so long, nobody looks any more, in milliseconds. */
const QUIET = 1_000;

/** A queue that has lasted so long is a storm, in milliseconds. */
const STORM = 1_000;

/** A connection at the door. */
export interface Newcomer {
  /** Its handshake may begin. */
  begin(): void;
  /** It has waited for too long. */
  turnAway(): void;
  /** All places are taken, and it has had one for so many milliseconds, longer than any other: it may be asked to leave. */
  hurry(age: number): void;
}

/**
 * Decides whose handshake may begin. Handshakes are the dearest thing that a stranger can ask for; when thousands return
 * at once, those who are connected would wait behind all of them. So they begin at the rate that the machine can bear, one
 * by one as the turnstile lets them, and a bounded number is at it together.
 *
 * Whoever waits has cost an accept and nothing else: not a byte of theirs is read. Who would wait for too long is turned
 * away at once.
 */
export class Admission {
  readonly #clock: Clock;
  readonly #recorder: Services['recorder'];
  readonly #turnstile: Turnstile;
  readonly #pace: Pace;
  /** When each came, in order of arrival. */
  readonly #queue = new Map<Newcomer, number>();
  /** When each began, in that order. */
  readonly #underWay = new Map<Newcomer, number>();
  /** Runs while anybody has come of late. */
  #timer: NodeJS.Timeout | undefined;
  #last: number;
  #came = 0;
  /** Connections that came since the last tick. */
  #accepted = 0;

  // The queue at hand.
  #queuedSince = 0;
  #storm = false;
  #admitted = 0;
  #turnedAway = 0;

  constructor(
    { clock, recorder }: Pick<Services, 'clock' | 'recorder'>,
    turnstile: Turnstile,
    pace: Pace = new Pace(),
  ) {
    this.#clock = clock;
    this.#recorder = recorder;
    this.#turnstile = turnstile;
    this.#pace = pace;
    this.#last = clock.monotonic();
    turnstile.follow(() => this.#next());
  }

  /** Handshakes that may begin in a second. */
  get rate(): number {
    return this.#pace.rate;
  }

  /** Connections that wait. */
  get waiting(): number {
    return this.#queue.size;
  }

  /** Handshakes that have begun and are not over. */
  get underWay(): number {
    return this.#underWay.size;
  }

  /** It begins at once, or when its time has come, until it leaves; false if there are too many before it. */
  enter(newcomer: Newcomer): boolean {
    const now = this.#clock.monotonic();
    if (!this.#timer) this.#wake(now);
    this.#came = now;
    this.#accepted++;
    const crowded = this.waiting > 0;
    if (!crowded && this.#open() && this.#turnstile.enter()) {
      this.#start(newcomer, now);
      return true;
    }
    if (!crowded && !this.#storm) this.#begin(now);
    if (this.waiting >= (this.rate * PATIENCE) / 1_000) {
      this.#turnedAway++;
      return false;
    }
    this.#queue.set(newcomer, now);
    this.#call();
    return true;
  }

  /** Its handshake is over, or it goes. True if it goes without having had its turn. */
  leave(newcomer: Newcomer): boolean {
    if (!this.#underWay.delete(newcomer)) return this.#queue.delete(newcomer);
    this.#call();
    return false;
  }

  /** Looks at the rate, and at who waits. Comes from the timer; a test may call it. */
  tick(): void {
    const now = this.#clock.monotonic();
    const elapsed = now - this.#last;
    this.#last = now;
    this.#pace.tick(now, elapsed, elapsed - TICK - this.#accepted * ACCEPT, this.waiting > 0);
    this.#accepted = 0;
    if (this.waiting === 0) {
      this.#end(now);
      if (now - this.#came >= QUIET) this.#sleep();
      return;
    }
    this.#makeRoom(now);
    this.#call();
    if (!this.#storm && now - this.#queuedSince >= STORM) this.#say();
  }

  #open(): boolean {
    return this.#pace.free && this.#underWay.size < UNDER_WAY;
  }

  /** Has the turnstile ask for the next one, if there is one who may begin. */
  #call(): void {
    if (this.waiting > 0 && this.#open()) this.#turnstile.call();
  }

  /** The turnstile is free for one. */
  #next(): boolean {
    const [first] = this.#queue;
    if (!first || !this.#open()) return false;
    const [newcomer, since] = first;
    const now = this.#clock.monotonic();
    this.#queue.delete(newcomer);
    if (now - since > TOO_LONG) {
      this.#turnedAway++;
      newcomer.turnAway();
    } else {
      this.#admitted++;
      this.#start(newcomer, now);
    }
    return true;
  }

  #start(newcomer: Newcomer, now: number): void {
    this.#pace.spend();
    this.#underWay.set(newcomer, now);
    newcomer.begin();
  }

  /** While all places are taken and others wait, whoever has had one for longest is asked for it: one in each tick. */
  #makeRoom(now: number): void {
    const [oldest] = this.#underWay;
    if (!oldest || this.#underWay.size < UNDER_WAY) return;
    const [newcomer, since] = oldest;
    newcomer.hurry(now - since);
  }

  #wake(now: number): void {
    this.#timer = setInterval(() => this.tick(), TICK).unref();
    this.#pace.wake(now, now - this.#last);
    this.#last = now;
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
    this.#recorder.event('storm.began', { waiting: this.waiting, rate: Math.round(this.rate) });
  }

  #end(now: number): void {
    if (!this.#storm) return;
    this.#storm = false;
    this.#recorder.event('storm.ended', {
      admitted: this.#admitted,
      refused: this.#turnedAway,
      rate: Math.round(this.rate),
      seconds: (now - this.#queuedSince) / 1_000,
    });
  }
}

/** The one of this process: all listeners share its event loop. */
export function admissionOf(services: Pick<Services, 'clock' | 'recorder' | 'shared'>): Admission {
  return services.shared.get('edge:admission', () => new Admission(services, turnstileOf(services)));
}
