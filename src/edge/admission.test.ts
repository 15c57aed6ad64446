import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Journal } from '../../test/support/journal.ts';
import { Admission, type Newcomer, UNDER_WAY } from './admission.ts';
import { Pace } from './pace.ts';
import { Turnstile } from './turnstile.ts';

/** What a turn of the loop takes in which nothing is done, in milliseconds. */
const EMPTY = 0.02;

/** A machine that can do so many handshakes a second, and its event loop. Time passes only here. */
class Machine {
  readonly journal = new Journal();
  readonly admission: Admission;
  now = 0;
  /** Those who were let in, and those who were turned away, by the number with which they came. */
  readonly begun: number[] = [];
  readonly late: number[] = [];
  /** Handshakes end in the turn after the one in which they begin, unless the clients say nothing. */
  silent = false;
  #under: Newcomer[] = [];
  #came = 0;
  #due: (() => void)[] = [];
  #nextTick = 0;
  /** What the loop does in its next turn, in milliseconds, and what it has done since it was asked. */
  #work = 0;
  #worked = 0;
  #asked = 0;
  /** Milliseconds that a handshake takes. */
  cost: number;
  /** Milliseconds that it takes to accept a connection. */
  accepting = 0;

  constructor(perSecond: number) {
    this.cost = 1_000 / perSecond;
    const clock = { now: () => this.now, monotonic: () => this.now };
    const turnstile = new Turnstile(clock, (callback) => this.#due.push(callback));
    const pace = new Pace(() => this.#busy());
    this.admission = new Admission({ clock, recorder: this.journal.record }, turnstile, pace);
  }

  /** The part of the time since it was last asked that went into work. */
  #busy(): number {
    const busy = this.#worked / Math.max(1, this.now - this.#asked);
    this.#worked = 0;
    this.#asked = this.now;
    return busy;
  }

  newcomer(hurry: Newcomer['hurry'] = () => {}): Newcomer {
    const number = this.#came++;
    const newcomer: Newcomer = {
      begin: () => {
        this.begun.push(number);
        this.#work += this.cost;
        if (!this.silent) this.#under.push(newcomer);
      },
      turnAway: () => this.late.push(number),
      hurry,
    };
    return newcomer;
  }

  /** So many arrive at once; how many are let in or made to wait. */
  arrive(count: number): number {
    this.#work += count * this.accepting;
    return Array.from({ length: count }, () => this.admission.enter(this.newcomer())).filter(Boolean).length;
  }

  /**
   * Lets time pass, `other` milliseconds of each turn of the loop spent on something else, and `stolen` before each tick by
   * the machine. The longest turn.
   */
  pass(ms: number, other = 0, stolen = 0): number {
    let longest = 0;
    for (const end = this.now + ms; this.now < end; ) {
      const before = this.now;
      this.now += EMPTY + other + this.#work;
      this.#worked += EMPTY + other + this.#work;
      this.#work = 0;
      for (const newcomer of this.#under.splice(0)) this.admission.leave(newcomer);
      if (this.now >= this.#nextTick) {
        this.now += stolen;
        this.admission.tick();
        this.#nextTick = this.now + 10;
      }
      for (const callback of this.#due.splice(0)) callback();
      longest = Math.max(longest, this.now - before);
      if (this.#due.length === 0 && this.#work === 0) this.now = Math.max(this.now, this.#nextTick);
    }
    return longest;
  }
}

// RL-11
describe('Admission', () => {
  let machine: Machine;
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    machine = new Machine(600);
  });
  afterEach(() => void vi.useRealTimers());

  it('lets in at once who comes now and then', () => {
    for (let i = 0; i < 500; i++) {
      expect(machine.arrive(1)).toBe(1);
      machine.pass(10);
    }
    expect(machine.begun).toHaveLength(500);
    expect(machine.journal.lines).toEqual([]);
  });

  it('makes a crowd wait, but for the first, and has them all in their order', () => {
    expect(machine.arrive(1_000)).toBe(1_000);
    expect(machine.begun).toEqual([0]);
    machine.pass(10_000);
    expect(machine.begun).toEqual(Array.from({ length: 1_000 }, (_, i) => i));
    expect(machine.admission.waiting).toBe(0);
    expect(machine.admission.underWay).toBe(0);
  });

  it('begins with one in a turn of the loop, however many may begin', () => {
    machine.arrive(1_000);
    let before = machine.begun.length;
    for (let turn = 0; turn < 500; turn++) {
      machine.pass(EMPTY);
      expect(machine.begun.length - before).toBeLessThanOrEqual(1);
      before = machine.begun.length;
    }
    expect(before).toBeGreaterThan(200);
  });

  it('turns away at once who would wait for too long', () => {
    const taken = machine.arrive(5_000);
    expect(taken).toBeGreaterThan(1_000);
    expect(taken).toBeLessThan(3_000);
    machine.pass(20_000);
    expect(machine.begun).toHaveLength(taken);
  });

  it.each([200, 600, 2_000])('finds what a machine of %d handshakes a second can do', (perSecond) => {
    machine = new Machine(perSecond);
    let longest = 0;
    for (let second = 0; second < 60; second++) {
      machine.arrive(2_000);
      const before = machine.begun.length;
      const turn = machine.pass(1_000);
      if (second < 30) continue;
      longest = Math.max(longest, turn);
      expect(machine.begun.length - before).toBeGreaterThan(perSecond * 0.9);
    }
    expect(longest).toBeLessThan(perSecond < 500 ? 100 : 2 * machine.cost); // those who are connected wait no longer than this
  });

  it('falls when other work keeps the loop busy, and not below what lets a crowd come in at all', () => {
    for (let second = 0; second < 20; second++) {
      machine.arrive(2_000);
      machine.pass(1_000);
    }
    const free = machine.admission.rate;
    for (let second = 0; second < 10; second++) {
      machine.arrive(2_000);
      machine.pass(1_000, 60);
    }
    expect(machine.admission.rate).toBeLessThan(free / 2);
    expect(machine.admission.rate).toBeGreaterThanOrEqual(100);
  });

  it('does not fall because a crowd arrives', () => {
    machine.accepting = 0.09;
    let before = 0;
    for (let tenth = 0; tenth < 200; tenth++) {
      machine.arrive(300);
      machine.pass(100);
      if (tenth === 100) before = machine.begun.length;
    }
    // Accepting takes 27 % of the time, so this is nearly all that is left of 600 a second.
    expect(machine.begun.length - before).toBeGreaterThan(3_800);
  });

  it('does not fall for what other programs take of the machine', () => {
    let before = 0;
    for (let second = 0; second < 20; second++) {
      machine.arrive(2_000);
      machine.pass(1_000, 0, 30); // which leaves us a quarter
      if (second === 9) before = machine.begun.length;
    }
    expect(machine.begun.length - before).toBeGreaterThan(10 * 150 * 0.8);
  });

  it('grows by what is used alone: the rate is what it would be if they all came', () => {
    machine.cost = 5;
    machine.arrive(1_000);
    machine.pass(3_000);
    expect(machine.admission.rate).toBeGreaterThan(170);
    expect(machine.admission.rate).toBeLessThan(300);
  });

  it('does not make up for what it missed while the process stood still', () => {
    machine.arrive(1_000);
    machine.now += 7_000;
    const before = machine.begun.length;
    machine.pass(EMPTY);
    expect(machine.begun.length - before).toBeLessThan(20);
  });

  it('tells those who have waited too long, though they were promised less, and not all in one turn', () => {
    machine.arrive(1_200);
    machine.now += 11_000;
    machine.pass(EMPTY);
    expect(machine.late.length).toBeLessThan(20);
    machine.pass(2_000);
    expect(machine.late).toEqual(Array.from({ length: 1_199 }, (_, i) => i + 1));
    expect(machine.admission.waiting).toBe(0);
  });

  it('keeps no place for who has gone meanwhile', () => {
    const waiting = Array.from({ length: 1_400 }, () => machine.newcomer());
    for (const newcomer of waiting) machine.admission.enter(newcomer);
    expect(machine.admission.leave(waiting[0]!)).toBe(false); // it has begun
    for (const newcomer of waiting.slice(1, -1)) expect(machine.admission.leave(newcomer)).toBe(true);
    expect(machine.admission.waiting).toBe(1);
    machine.pass(20);
    expect(machine.begun).toEqual([0, 1_399]);
  });

  it('has so many under way and not more, and begins with the next when one of them is done', () => {
    machine.silent = true;
    const first = machine.newcomer();
    machine.admission.enter(first);
    machine.arrive(UNDER_WAY + 99);
    machine.pass(3_000);
    expect(machine.admission.underWay).toBe(UNDER_WAY);
    expect(machine.admission.waiting).toBe(100);
    expect(machine.admission.leave(first)).toBe(false);
    machine.pass(100);
    expect(machine.begun.at(-1)).toBe(UNDER_WAY);
    expect(machine.admission.waiting).toBe(99);
  });

  it('asks who has been at it longest to hurry, while all places are taken and others wait', () => {
    machine.silent = true;
    const asked: number[] = [];
    const slow = machine.newcomer((age) => asked.push(age));
    machine.admission.enter(slow);
    machine.arrive(UNDER_WAY - 1);
    machine.pass(4_000);
    expect(machine.admission.underWay).toBe(UNDER_WAY);
    expect(asked).toEqual([]);
    machine.arrive(1);
    machine.pass(20);
    expect(asked[0]).toBeGreaterThan(3_900);
  });

  it('looks at nobody when nobody comes', () => {
    const others = vi.getTimerCount();
    machine.arrive(3);
    expect(vi.getTimerCount()).toBe(others + 1);
    machine.pass(1_100);
    expect(vi.getTimerCount()).toBe(others);
  });

  it('says when a storm began and when it is over, and nothing of a gust', () => {
    machine.arrive(60);
    machine.pass(900);
    expect(machine.journal.lines).toEqual([]);
    machine.arrive(1_200);
    machine.pass(10_000);
    expect(machine.journal.named('storm.began')).toMatchObject([{ waiting: expect.any(Number) }]);
    const [ended] = machine.journal.named('storm.ended');
    expect(ended).toMatchObject({ refused: 0 });
    expect(Number(ended!.admitted)).toBeGreaterThan(1_100);
  });
});
