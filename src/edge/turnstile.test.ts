import { beforeEach, describe, expect, it } from 'vitest';
import { Turnstile } from './turnstile.ts';

/** An event loop: what is due in the next turn, and how long a turn takes. */
class Loop {
  now = 0;
  due: (() => void)[] = [];
  readonly turnstile = new Turnstile({ now: () => this.now, monotonic: () => this.now }, (callback) =>
    this.due.push(callback),
  );

  turn(took = 1): void {
    this.now += took;
    for (const callback of this.due.splice(0)) callback();
  }
}

// RL-11
describe('Turnstile', () => {
  let loop: Loop;
  let turnstile: Turnstile;
  let gone: number[];
  beforeEach(() => {
    loop = new Loop();
    turnstile = loop.turnstile;
    gone = [];
  });
  const queue = (...names: number[]): void => {
    for (const name of names) turnstile.queue(() => gone.push(name));
  };

  it('lets in at once who comes alone, and one in each turn', () => {
    for (let i = 0; i < 10; i++) {
      expect(turnstile.enter()).toBe(true);
      expect(turnstile.enter()).toBe(false);
      loop.turn();
    }
  });

  it('lets the others in one by one, in the turns after that and in their order', () => {
    expect(turnstile.enter()).toBe(true);
    queue(1, 2, 3);
    expect(gone).toEqual([]);
    for (const so_far of [[1], [1, 2], [1, 2, 3]]) {
      loop.turn();
      expect(gone).toEqual(so_far);
    }
  });

  it('lets nobody overtake those who wait', () => {
    turnstile.enter();
    queue(1, 2);
    loop.turn();
    expect(turnstile.enter()).toBe(false);
  });

  it('makes those wait who queue, though it is free', () => {
    queue(1);
    expect(gone).toEqual([]);
    loop.turn();
    expect(gone).toEqual([1]);
  });

  it('lets who comes in the meantime wait behind all others', () => {
    turnstile.queue(() => {
      gone.push(1);
      queue(3);
    });
    queue(2);
    for (let i = 0; i < 3; i++) loop.turn();
    expect(gone).toEqual([1, 2, 3]);
  });

  it('begins with new ones when nobody waits who has begun, one in each turn', () => {
    let left = 3;
    turnstile.follow(() => left-- > 0 && gone.push(0) > 0);
    queue(1, 2);
    turnstile.call();
    for (const so_far of [[1], [1, 2], [1, 2, 0], [1, 2, 0, 0], [1, 2, 0, 0, 0]]) {
      loop.turn();
      expect(gone).toEqual(so_far);
    }
    loop.turn();
    expect(loop.due).toEqual([]);
  });

  it('lets in more after a long turn, so that a busy loop keeps nobody out, and not without bound', () => {
    queue(...Array.from({ length: 100 }, (_, i) => i));
    loop.turn(15);
    expect(gone).toHaveLength(4);
    loop.turn(30_000);
    expect(gone).toHaveLength(16);
    loop.turn();
    expect(gone).toHaveLength(17);
  });

  it('resolves for those who wait for a promise', async () => {
    turnstile.enter();
    const waiting = turnstile.wait();
    loop.turn();
    await waiting;
    expect(turnstile.waiting).toBe(0);
  });

  it('watches no turn while nobody comes', () => {
    turnstile.enter();
    loop.turn();
    expect(loop.due).toEqual([]);
    loop.now += 1_000;
    expect(turnstile.enter()).toBe(true);
    expect(turnstile.enter()).toBe(false); // the time without turns was nobody's
  });
});
