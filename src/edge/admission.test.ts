import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Journal } from '../../test/support/journal.ts';
import { Admission } from './admission.ts';

/** A machine that can do so many handshakes a second, and its event loop. Time passes only here. */
class Machine {
  readonly journal = new Journal();
  readonly admission: Admission;
  now = 0;
  begun = 0;
  late = 0;
  /** What has begun and is not done yet: the loop does it in its next turn, in milliseconds. */
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
    this.admission = new Admission({ clock, recorder: this.journal.record }, () => this.#busy());
  }

  /** The part of the time since it was last asked that went into work. */
  #busy(): number {
    const busy = this.#worked / Math.max(1, this.now - this.#asked);
    this.#worked = 0;
    this.#asked = this.now;
    return busy;
  }

  /** So many arrive at once; how many are let in or made to wait. */
  arrive(count: number): number {
    let taken = 0;
    this.#work += count * this.accepting;
    for (let i = 0; i < count; i++) {
      const turn = (late: boolean): boolean => {
        if (late) this.late++;
        else {
          this.begun++;
          this.#work += this.cost;
        }
        return true;
      };
      if (this.admission.enter(turn)) taken++;
    }
    return taken;
  }

  /** Lets time pass, `other` milliseconds of each turn of the loop spent on something else, and `stolen` by the machine. The longest. */
  pass(ms: number, other = 0, stolen = 0): number {
    let longest = 0;
    for (const end = this.now + ms; this.now < end; ) {
      const before = this.now;
      this.now += other + this.#work + stolen;
      this.#worked += other + this.#work;
      this.#work = 0;
      this.admission.tick();
      longest = Math.max(longest, this.now - before);
      this.now = Math.max(this.now, before + 10); // when the timer is due again
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
    expect(machine.begun).toBe(500);
    expect(machine.journal.lines).toEqual([]);
  });

  it('makes a crowd wait, but for the first few, and has them all in their order', () => {
    expect(machine.arrive(1_000)).toBe(1_000);
    expect(machine.begun).toBeLessThan(50);
    machine.pass(10_000);
    expect(machine.begun).toBe(1_000);
    expect(machine.admission.waiting).toBe(0);
  });

  it('turns away at once who would wait for too long', () => {
    const taken = machine.arrive(5_000);
    expect(taken).toBeGreaterThan(1_000);
    expect(taken).toBeLessThan(3_000);
    machine.pass(20_000);
    expect(machine.begun).toBe(taken);
  });

  it.each([200, 600, 2_000])('finds what a machine of %d handshakes a second can do', (perSecond) => {
    machine = new Machine(perSecond);
    let longest = 0;
    for (let second = 0; second < 60; second++) {
      machine.arrive(2_000);
      const before = machine.begun;
      const turn = machine.pass(1_000);
      if (second < 30) continue;
      longest = Math.max(longest, turn);
      expect(machine.begun - before).toBeGreaterThan(perSecond * 0.7);
    }
    expect(longest).toBeLessThan(60); // those who are connected wait no longer than this
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
      if (tenth === 100) before = machine.begun;
    }
    // Accepting takes 27 % of the time, so this is nearly all that is left of 600 a second.
    expect(machine.begun - before).toBeGreaterThan(3_800);
  });

  it('does not fall for what other programs take of the machine', () => {
    for (let second = 0; second < 10; second++) {
      machine.arrive(2_000);
      machine.pass(1_000, 0, 60);
    }
    expect(machine.admission.rate).toBeGreaterThan(600);
  });

  it('does not make up for what it missed while the process stood still', () => {
    machine.arrive(1_000);
    machine.now += 30_000;
    const before = machine.begun;
    machine.admission.tick();
    expect(machine.begun - before).toBeLessThan(20);
  });

  it('tells those who have waited too long, though they were promised less', () => {
    machine.arrive(1_200);
    machine.now += 11_000;
    machine.pass(2_000);
    expect(machine.late).toBeGreaterThan(0);
    expect(machine.admission.waiting).toBe(0);
  });

  it('spends nothing on who has gone meanwhile', () => {
    let gone = 0;
    for (let i = 0; i < 1_400; i++) {
      machine.admission.enter(() => {
        gone++;
        return false;
      });
    }
    machine.pass(20);
    expect(gone).toBe(1_400);
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
