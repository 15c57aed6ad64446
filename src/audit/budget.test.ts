import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Budget, BudgetSpent, DEFAULT_ALLOWANCE } from './budget.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance', 'setTimeout'] }));
afterEach(() => void vi.useRealTimers());

it('says no when a part is spent, and counts nothing then', () => {
  const budget = new Budget({ ...DEFAULT_ALLOWANCE, bytes: 10 });
  budget.take('bytes', 10);
  expect(() => budget.take('bytes', 1)).toThrow(new BudgetSpent('the budget of 10 bytes is spent'));
  expect(budget.spent.bytes).toBe(10);
});

it('gives connections no faster than it may', async () => {
  const budget = new Budget({ ...DEFAULT_ALLOWANCE, rate: 10 });
  const at: number[] = [];
  const began = performance.now();
  const all = Array.from({ length: 4 }, () =>
    budget.connection().then(() => at.push(performance.now() - began)),
  );
  await vi.advanceTimersByTimeAsync(1_000);
  await Promise.all(all);
  expect(at).toEqual([0, 100, 200, 300]);
});

it('gives none after its time, unless it is given more', async () => {
  const budget = new Budget({ ...DEFAULT_ALLOWANCE, seconds: 1, connections: 1 });
  await vi.advanceTimersByTimeAsync(1_001);
  await expect(budget.connection()).rejects.toThrow('the 1 seconds are over');
  budget.extend(5_000, 1);
  const two = Promise.all([budget.connection(), budget.connection()]);
  await vi.advanceTimersByTimeAsync(1_000);
  await two;
  await expect(budget.connection()).rejects.toThrow('the budget of 1 connections is spent');
});
