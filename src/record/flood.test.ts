import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Flood, type Suppressed } from './flood.ts';

describe('Flood', () => {
  let now = 0;
  let reports: Suppressed[] = [];
  const make = (limit: number) =>
    new Flood(
      limit,
      () => now,
      (suppressed) => reports.push(suppressed),
    );

  beforeEach(() => {
    now = 0;
    reports = [];
    vi.useFakeTimers();
  });
  afterEach(() => vi.useRealTimers());

  it('lets the first of each second through', () => {
    const flood = make(2);
    expect([flood.admit('a'), flood.admit('a'), flood.admit('a')]).toEqual([true, true, false]);
    now = 1_000;
    expect(flood.admit('a')).toBe(true);
    expect(reports).toEqual([{ key: 'a', count: 1, seconds: 1 }]);
  });

  it('keeps the kinds apart', () => {
    const flood = make(1);
    flood.admit('a');
    expect(flood.admit('a')).toBe(false);
    expect(flood.admit('b')).toBe(true);
  });

  it('sums up a flood that has stopped', () => {
    const flood = make(1);
    for (let i = 0; i < 10; i++) flood.admit('a');
    now = 1_000;
    vi.advanceTimersByTime(1_000);
    expect(reports).toEqual([{ key: 'a', count: 9, seconds: 1 }]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('needs no timer while nothing is suppressed', () => {
    make(5).admit('a');
    expect(vi.getTimerCount()).toBe(0);
  });

  it('adds up exactly, however the events come', () => {
    const steps = fc.array(fc.record({ key: fc.constantFrom('a', 'b'), wait: fc.nat(700) }), {
      maxLength: 300,
    });
    fc.assert(
      fc.property(steps, (events) => {
        reports = [];
        const flood = make(3);
        let passed = 0;
        for (const { key, wait } of events) {
          now += wait;
          if (flood.admit(key)) passed++;
        }
        flood.flush();
        const suppressed = reports.reduce((sum, { count }) => sum + count, 0);
        expect(passed + suppressed).toBe(events.length);
      }),
    );
  });
});
