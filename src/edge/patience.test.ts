import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Patience } from './patience.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('Patience', () => {
  it('tells of those who are late, each at its time, and of no others', () => {
    const late: string[] = [];
    const patience = new Patience<string>(100, (one) => late.push(one));
    patience.add('a');
    vi.advanceTimersByTime(50);
    patience.add('b');
    patience.add('c');
    patience.delete('b');
    vi.advanceTimersByTime(50);
    expect(late).toEqual(['a']);
    vi.advanceTimersByTime(50);
    expect(late).toEqual(['a', 'c']);
    expect(patience.size).toBe(0);
  });

  it('needs one timer, however many wait, and none when nobody does', () => {
    const patience = new Patience<number>(100, () => {});
    for (let i = 0; i < 1_000; i++) patience.add(i);
    expect(vi.getTimerCount()).toBe(1);
    vi.advanceTimersByTime(100);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('waits for nobody once it is cleared', () => {
    const late: number[] = [];
    const patience = new Patience<number>(100, (one) => late.push(one));
    patience.add(1);
    patience.clear();
    vi.advanceTimersByTime(1_000);
    expect(late).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('waits again after a pause', () => {
    const late: number[] = [];
    const patience = new Patience<number>(100, (one) => late.push(one));
    patience.add(1);
    patience.delete(1);
    vi.advanceTimersByTime(150);
    patience.add(2);
    vi.advanceTimersByTime(100);
    expect(late).toEqual([2]);
  });
});
