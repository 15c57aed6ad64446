import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Bucket, LocalBuckets, limitOf } from './buckets.ts';

const tick = (at: { now: number }) => ({ now: () => 0, monotonic: () => at.now });

describe('Bucket', () => {
  it('gives the burst at once and then the rate', () => {
    const limit = limitOf({ count: 20, period: 1_000 }, 40);
    const bucket = new Bucket();
    let taken = 0;
    while (bucket.wait(limit, 5_000, 1) === 0) {
      bucket.take(limit, 5_000, 1);
      taken++;
    }
    expect(taken).toBe(40);
    expect(bucket.wait(limit, 5_000, 1)).toBeCloseTo(50);
    expect(bucket.wait(limit, 5_049, 1)).toBeGreaterThan(0);
    expect(bucket.wait(limit, 5_050, 1)).toBe(0);
  });

  it('never gives more than the burst and the rate, and always what it promised', () => {
    const steps = fc.array(
      fc.record({
        wait: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 3_000 })),
        units: fc.integer({ min: 1, max: 9 }),
      }),
      { maxLength: 200 },
    );
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 500 }),
        fc.constantFrom(1_000, 60_000, 3_600_000),
        fc.integer({ min: 9, max: 100 }),
        steps,
        (count, period, burst, asked) => {
          const limit = limitOf({ count, period }, burst);
          const bucket = new Bucket();
          const start = 12_345.678;
          const takes: { at: number; units: number }[] = [];
          let now = start;
          for (const { wait, units } of asked) {
            now += wait;
            const needed = bucket.wait(limit, now, units);
            if (needed > 0) {
              expect(bucket.wait(limit, now + needed, units)).toBe(0);
              continue;
            }
            bucket.take(limit, now, units);
            takes.push({ at: now, units });
            // Of every window that ends here, not only of the whole.
            let sum = 0;
            for (const take of takes.toReversed()) {
              sum += take.units;
              expect(sum).toBeLessThanOrEqual(burst + ((now - take.at) * count) / period + 1e-3);
            }
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it('lets one take go into debt and waits until it is paid', () => {
    const limit = limitOf({ count: 1_000, period: 1_000 });
    const bucket = new Bucket();
    expect(bucket.debt(limit, 0)).toBe(0);
    bucket.take(limit, 0, 5_000);
    expect(bucket.debt(limit, 0)).toBeGreaterThanOrEqual(4_000);
    expect(bucket.debt(limit, 3_999)).toBeGreaterThan(0);
    expect(bucket.debt(limit, 4_002)).toBe(0);
  });

  it('applies a changed limit to what was used before', () => {
    const bucket = new Bucket();
    const wide = limitOf({ count: 10, period: 1_000 });
    for (let i = 0; i < 10; i++) bucket.take(wide, 0, 1);
    expect(bucket.wait(limitOf({ count: 10, period: 1_000 }, 20), 0, 1)).toBe(0);
    expect(bucket.wait(limitOf({ count: 10, period: 1_000 }, 5), 0, 1)).toBeGreaterThan(0);
  });
});

describe('LocalBuckets', () => {
  const limit = limitOf({ count: 1, period: 1_000 });

  it('gives the same holder the same bucket', () => {
    const table = new LocalBuckets(tick({ now: 0 }), 10);
    expect(table.bucket('a')).toBe(table.bucket('a'));
    expect(table.bucket('a')).not.toBe(table.bucket('b'));
  });

  it('stays within its capacity, and never lets go of a bucket that is in use', () => {
    const at = { now: 1_000 };
    const table = new LocalBuckets(tick(at), 100);
    const mine = table.bucket('mine');
    mine.take(limit, at.now, 5);
    for (let i = 0; i < 5_000; i++) table.bucket(`other ${i}`).take(limit, at.now, 1);
    expect(table.size).toBeLessThanOrEqual(100);
    expect(mine.retired).toBe(false);
    expect(table.bucket('mine')).toBe(mine);
  });

  it('lets newcomers share one bucket while it is full, which nobody keeps', () => {
    const at = { now: 1_000 };
    const table = new LocalBuckets(tick(at), 2);
    for (const key of ['a', 'b']) table.bucket(key).take(limit, at.now, 1);
    const shared = table.bucket('c');
    expect(table.bucket('d')).toBe(shared);
    expect(shared.retired).toBe(true);
    at.now += 1_000;
    expect(table.bucket('c')).not.toBe(shared);
  });

  it('tells whoever kept a bucket that it has been let go', () => {
    const at = { now: 1_000 };
    const table = new LocalBuckets(tick(at), 1_000);
    const old = table.bucket('old');
    old.take(limit, at.now, 1);
    at.now += 62_000;
    for (let i = 0; i < 10; i++) table.bucket(`other ${i}`);
    expect(old.retired).toBe(true);
    expect(table.bucket('old')).not.toBe(old);
  });

  it('leaves a bucket to who sends now and then, however many others come', () => {
    const at = { now: 1_000 };
    const table = new LocalBuckets(tick(at), 1_000);
    const kept = table.bucket('kept');
    for (let i = 0; i < 500; i++) {
      at.now += 1_000;
      kept.take(limit, at.now, 1);
      table.bucket(`other ${i}`);
    }
    expect(kept.retired).toBe(false);
  });

  it('lets go of what is paid back as new ones come', () => {
    const at = { now: 1_000 };
    const table = new LocalBuckets(tick(at), 1_000_000);
    for (let i = 0; i < 20_000; i++) {
      at.now += 1_000;
      table.bucket(`holder ${i}`).take(limit, at.now, 1);
    }
    // A minute's worth is kept.
    expect(table.size).toBeLessThan(500);
  });
});
