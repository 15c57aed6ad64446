import { expect, it } from 'vitest';
import { DEFAULT_ALLOWANCE } from './budget.ts';
import { DEFAULT_PATIENCE, patienceFor } from './reach.ts';

it('is the usual one for the usual time', () => {
  expect(patienceFor(DEFAULT_ALLOWANCE.seconds)).toEqual(DEFAULT_PATIENCE);
});

it('waits longer for what is silent where more time is allowed', () => {
  expect(patienceFor(200)).toEqual({ ...DEFAULT_PATIENCE, idle: 178_000 });
});

it.each([1, 5, 20])('never waits longer than the %i s that are allowed', (seconds) => {
  for (const wait of Object.values(patienceFor(seconds))) expect(wait).toBeLessThanOrEqual(seconds * 1_000);
});
