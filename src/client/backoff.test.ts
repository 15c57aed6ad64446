import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Backoff } from './backoff.ts';

const OPTIONS = { base: 1_000, cap: 30_000, attempts: Infinity, stableAfter: 10_000 };

it('doubles its bound up to the cap', () => {
  const backoff = new Backoff(OPTIONS, () => 1);
  expect(Array.from({ length: 7 }, () => backoff.next())).toEqual([
    1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000,
  ]);
});

it('waits anything between nothing and the bound, however often it has failed', () => {
  const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(
    fc.property(random, fc.nat(5_000), (part, failures) => {
      const backoff = new Backoff(OPTIONS, () => part);
      for (let i = 0; i < failures; i++) backoff.next();
      const bound = Math.min(30_000, 1_000 * 2 ** failures);
      expect(backoff.wait()).toBe(part * bound);
      expect(backoff.failures).toBe(failures); // to look at a wait is no failure
    }),
  );
});

it('spreads a thousand clients over the whole bound', () => {
  const waits = Array.from({ length: 1_000 }, () => new Backoff(OPTIONS, Math.random).next());
  const tenths = new Set(waits.map((wait) => Math.floor(wait / 100)));
  expect(tenths.size).toBe(10);
});
