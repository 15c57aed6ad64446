import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Histogram } from './histogram.ts';

const value = fc.oneof(fc.nat(3_000), fc.nat(10_000_000), fc.integer({ min: 0, max: 2 ** 40 }));

it('gives every quantile to a tenth of a percent', () => {
  fc.assert(
    fc.property(
      fc.array(value, { minLength: 1, maxLength: 300 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (values, share) => {
        const histogram = new Histogram();
        for (const each of values) histogram.record(each);
        const sorted = values.toSorted((a, b) => a - b);
        const exact = sorted[Math.max(1, Math.ceil(share * values.length)) - 1]!;
        const given = histogram.quantile(share);
        expect(given).toBeGreaterThanOrEqual(exact);
        expect(given).toBeLessThanOrEqual(exact * 1.001 + 1);
      },
    ),
  );
});

it('adds up those of several processes', () => {
  fc.assert(
    fc.property(fc.array(value), fc.array(value), (one, two) => {
      const [a, b, both] = [new Histogram(), new Histogram(), new Histogram()];
      for (const each of one) a.record(each);
      for (const each of two) b.record(each);
      for (const each of [...one, ...two]) both.record(each);
      a.merge(structuredClone(b.export()));
      for (const share of [0.5, 0.99, 1]) expect(a.quantile(share)).toBe(both.quantile(share));
      expect(a.total).toBe(one.length + two.length);
    }),
  );
});

it('of nothing is nothing', () => {
  expect(new Histogram().quantile(0.99)).toBe(0);
});

it('tells what was recorded since a copy was taken', () => {
  const all = new Histogram();
  for (const value of [5, 5, 9_000]) all.record(value);
  const before = all.copy();
  expect(all.since(before)).toMatchObject({ total: 0 });
  for (const value of [5, 70, 80]) all.record(value);
  const since = all.since(before);
  expect(since.total).toBe(3);
  expect([since.quantile(0.3), since.quantile(0.5), since.quantile(1)]).toEqual([5, 70, 80]);
  expect(before.total).toBe(3);
});
