import { describe, expect, it } from 'vitest';
import { drain, drainTimes } from './drain.ts';
import { overload } from './overload.ts';

const faultOf = (result: { error?: { issues: { path: PropertyKey[]; message: string }[] } | undefined }) =>
  result.error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);

describe('drain', () => {
  it('has 10 s after window and grace where it names no deadline', () => {
    const times = { window: 30_000, grace: 500, deadline: 40_500, returnAfter: 2_000 };
    expect(drainTimes(drain.parse({}))).toEqual(times);
  });

  it('moves the deadline with a window that a program asks for', () => {
    const options = drain.parse({ window: '1m', deadline: '2m' });
    expect(drainTimes(options).deadline).toBe(120_000);
    expect(drainTimes(options, 5_000)).toMatchObject({ window: 5_000, deadline: 15_500 });
    expect(drainTimes(options, 0)).toMatchObject({ window: 0, deadline: 10_500 });
  });

  it('has no deadline before its window and grace are over', () => {
    expect(drain.safeParse({ window: '10s', grace: '1s', deadline: '11s' }).success).toBe(true);
    expect(faultOf(drain.safeParse({ window: '10s', grace: '1s', deadline: '10s' }))).toEqual([
      'deadline: must not come before window and grace are over',
    ]);
  });
});

describe('overload', () => {
  it('shrinks before it is full', () => {
    expect(overload.parse({})).toEqual({
      heap: { shrink: 0.9, full: 0.95 },
      delay: 500,
      unfinished: 256 * 1_048_576,
    });
    expect(overload.parse({ heap: { shrink: '70%', full: '100%' } }).heap).toEqual({ shrink: 0.7, full: 1 });
    expect(faultOf(overload.safeParse({ heap: { shrink: '96%' } }))).toEqual([
      'heap.full: must not be below shrink',
    ]);
  });

  it.each(['101%', '90', '9.5%', '-1%', '%'])('has no heap of %s', (part) => {
    expect(overload.safeParse({ heap: { full: part } }).success).toBe(false);
  });
});
