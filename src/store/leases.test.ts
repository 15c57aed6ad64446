import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Fail, limitOf } from './buckets.ts';
import { HOLD, LeasedBuckets } from './leases.ts';
import { MemoryStore } from './memory-store.ts';
import { StoreError } from './store.ts';

/** N nodes that share one store, and a clock that is moved. */
class Fleet {
  now = 1_000;
  away = false;
  readonly clock = { now: () => this.now, monotonic: () => this.now };
  readonly #store = new MemoryStore(this.clock);
  readonly nodes: LeasedBuckets[];

  constructor(count: number, fail: Fail = 'local') {
    const draw: MemoryStore['draw'] = async (...drawn) => {
      if (this.away) throw new StoreError('away');
      return await this.#store.draw(...drawn);
    };
    this.nodes = Array.from(
      { length: count },
      () => new LeasedBuckets({ store: { draw }, clock: this.clock, owner: 'test', fail }, 100),
    );
  }

  /** Time passes, the store answers, and debts are settled. */
  async pass(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= 100) {
      this.now += Math.min(100, left);
      for (const node of this.nodes) node.settle();
      await this.answers();
    }
  }

  async answers(): Promise<void> {
    for (let i = 0; i < 4; i++) await null;
  }

  /** How many of so many tries pass at a node. */
  spend(node: number, tries: number, limit = LIMIT): number {
    const bucket = this.nodes[node]!.bucket('alice');
    let passed = 0;
    for (let i = 0; i < tries; i++) {
      if (bucket.wait(limit, this.now, 1) > 0) continue;
      bucket.take(limit, this.now, 1);
      passed++;
    }
    return passed;
  }
}

const LIMIT = limitOf({ count: 20, period: 1_000 }, 40);

// Debts are settled by `pass` alone. A real timer would ask for ever, for the clock that is moved stands still in the end.
beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

describe('a limit that nodes share', () => {
  it('lets a burst pass at once on one node, and then its rate', async () => {
    const fleet = new Fleet(1);
    expect(fleet.spend(0, 100)).toBe(40);
    for (let second = 0; second < 10; second++) {
      await fleet.pass(1_000);
      expect(fleet.spend(0, 100)).toBe(20);
    }
  });

  it('gives over time its rate and no more, on however many nodes', async () => {
    const fleet = new Fleet(3);
    let passed = 0;
    for (let tick = 0; tick < 600; tick++) {
      for (const node of [0, 1, 2]) passed += fleet.spend(node, 10);
      await fleet.pass(100);
    }
    // A minute at 20/s, and what three nodes give on trust.
    expect(passed).toBeGreaterThanOrEqual(60 * 20 * 0.98);
    expect(passed).toBeLessThanOrEqual(4 * 40 + 20 * 60.5);
  });

  it('never lets more pass than it says, whatever is asked where and when', async () => {
    const steps = fc.array(
      fc.record({
        node: fc.nat(2),
        tries: fc.integer({ min: 1, max: 60 }),
        wait: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 3_000 })),
      }),
      { maxLength: 60 },
    );
    await fc.assert(
      fc.asyncProperty(
        steps,
        fc.integer({ min: 1, max: 50 }),
        fc.integer({ min: 1, max: 80 }),
        async (asked, count, burst) => {
          const limit = limitOf({ count, period: 1_000 }, burst);
          const fleet = new Fleet(3);
          const spent: { at: number; units: number }[] = [];
          for (const { node, tries, wait } of asked) {
            await fleet.pass(wait);
            spent.push({ at: fleet.now, units: fleet.spend(node, tries, limit) });
            await fleet.answers();
            let sum = 0;
            for (const { at, units } of spent.toReversed()) {
              sum += units;
              expect(sum).toBeLessThanOrEqual(4 * burst + (count * (fleet.now - at + HOLD)) / 1_000 + 1e-3);
            }
          }
        },
      ),
      { numRuns: 150 },
    );
  });

  it('has one turn ahead of it, however often it settles', async () => {
    const fleet = new Fleet(1);
    fleet.away = true;
    fleet.spend(0, 1);
    await fleet.pass(1_000);
    expect(vi.getTimerCount()).toBe(1);
  });

  it('owes nothing after a pause that was long enough', async () => {
    const fleet = new Fleet(2);
    fleet.spend(0, 40);
    fleet.spend(1, 40);
    await fleet.answers();
    await fleet.pass(8_000);
    expect([fleet.spend(0, 40), fleet.spend(1, 40)]).toEqual([40, 40]);
  });

  it('is not used up by who sends seldom: what is drawn is what is spent', async () => {
    const fleet = new Fleet(1);
    for (let i = 0; i < 30; i++) {
      expect(fleet.spend(0, 1)).toBe(1);
      await fleet.pass(700);
    }
    await fleet.pass(2_000);
    expect(fleet.spend(0, 100)).toBe(40);
  });
});

describe('while the store is away', () => {
  const lost = async (fail: Fail): Promise<Fleet> => {
    const fleet = new Fleet(2, fail);
    fleet.away = true;
    fleet.spend(0, 1);
    await fleet.answers();
    return fleet;
  };

  it('local: each node keeps the whole limit', async () => {
    const fleet = await lost('local');
    expect([fleet.spend(0, 100), fleet.spend(1, 100)]).toEqual([39, 40]);
    await fleet.pass(1_000);
    expect([fleet.spend(0, 100), fleet.spend(1, 100)]).toEqual([20, 20]);
  });

  it('open: everything passes', async () => {
    expect((await lost('open')).spend(0, 1_000)).toBe(1_000);
  });

  it('closed: nothing passes', async () => {
    expect((await lost('closed')).spend(0, 100)).toBe(0);
  });

  it.each(['local', 'open', 'closed'] as const)('%s: all share again when it is back', async (fail) => {
    const fleet = await lost(fail);
    fleet.spend(0, 100);
    fleet.away = false;
    await fleet.pass(10_000);
    expect(fleet.spend(0, 100)).toBe(40);
    await fleet.answers();
    await fleet.pass(1_000);
    expect(fleet.spend(0, 100) + fleet.spend(1, 100)).toBeLessThanOrEqual(60);
  });
});

it('lets go of a bucket only when nothing is owed for it', async () => {
  const fleet = new Fleet(1);
  const bucket = fleet.nodes[0]!.bucket('alice');
  fleet.away = true;
  fleet.spend(0, 40);
  expect(bucket.isFull(fleet.now + 60_000)).toBe(false);
  fleet.away = false;
  await fleet.pass(500);
  expect(bucket.isFull(fleet.now + 60_000)).toBe(true);
});
