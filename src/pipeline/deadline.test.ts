import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DeadlineError, within } from './deadline.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('within', () => {
  it('is the promise itself while that is in time', async () => {
    expect(await within(Promise.resolve(7), 10, 'seven')).toBe(7);
    await expect(within(Promise.reject(new Error('own')), 10, 'seven')).rejects.toThrow('own');
    expect(vi.getTimerCount()).toBe(0);
  });

  it('rejects after that, and says who was late', async () => {
    const late = within(new Promise(() => {}), 10, 'guard slow');
    const told = expect(late).rejects.toThrow('guard slow did not answer within 10 ms');
    await vi.advanceTimersByTimeAsync(9);
    expect(vi.getTimerCount()).toBe(1);
    await vi.advanceTimersByTimeAsync(1);
    await told;
    await expect(late).rejects.toBeInstanceOf(DeadlineError);
  });

  it('leaves nothing unhandled when the promise fails too late', async () => {
    let fail = (_error: Error): void => {};
    const slow = new Promise((_resolve, reject) => {
      fail = reject;
    });
    const late = expect(within(slow, 10, 'slow')).rejects.toThrow('did not answer');
    await vi.advanceTimersByTimeAsync(10);
    await late;
    fail(new Error('nobody listens any more'));
    await vi.advanceTimersByTimeAsync(1); // an unhandled rejection would fail this file
  });
});
