import { expect, it } from 'vitest';
import { DEFAULT_ALLOWANCE } from './budget.ts';
import { DEFAULT_PATIENCE, patienceFor } from './reach.ts';

it('is the usual one for the usual time', () => {
  expect(patienceFor(DEFAULT_ALLOWANCE)).toEqual(DEFAULT_PATIENCE);
});

it('waits longer for what is silent where more time is allowed', () => {
  expect(patienceFor({ ...DEFAULT_ALLOWANCE, seconds: 200 })).toEqual({ ...DEFAULT_PATIENCE, idle: 178_000 });
});

it('leaves time for the crowds that are allowed', () => {
  const { idle } = patienceFor({ seconds: 200, sockets: 200, rate: 15 });
  expect(idle).toBe((200 - 17 - 40) * 1_000);
});

it.each([1, 5, 20])('never waits longer than the %i s that are allowed', (seconds) => {
  for (const wait of Object.values(patienceFor({ ...DEFAULT_ALLOWANCE, seconds })))
    expect(wait).toBeLessThanOrEqual(seconds * 1_000);
});
