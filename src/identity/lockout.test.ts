import { expect, test } from 'vitest';
import { ManualClock } from '../../test/support/guard.ts';
import { Attempts } from './attempts.ts';
import { Lockout } from './lockout.ts';

const perName = { count: 3, period: 3_000 };
const rates = { perName, perAddress: { count: 5, period: 5_000 } };

test('lets as many fail as the rate says, then one for each share of the period', () => {
  const clock = new ManualClock();
  const attempts = new Attempts(clock);
  for (let i = 0; i < 3; i++) {
    expect(attempts.wait('a', perName)).toBe(0);
    attempts.charge('a', perName);
  }
  expect(attempts.wait('a', perName)).toBe(1_000);
  expect(attempts.wait('b', perName)).toBe(0);
  clock.pass(999);
  expect(attempts.wait('a', perName)).toBe(1);
  clock.pass(1);
  expect(attempts.wait('a', perName)).toBe(0);
  attempts.charge('a', perName);
  expect(attempts.wait('a', perName)).toBe(1_000);
  clock.pass(3_000);
  for (let i = 0; i < 3; i++) attempts.charge('a', perName);
  expect(attempts.wait('a', perName)).toBe(1_000);
});

test('remembers a bounded number of holders, and forgets the one that was quiet for longest', () => {
  const attempts = new Attempts(new ManualClock(), 2);
  const once = { count: 1, period: 1_000 };
  for (const holder of ['a', 'b', 'a', 'c']) attempts.charge(holder, once);
  expect(attempts.size).toBe(2);
  expect(attempts.wait('a', once)).toBeGreaterThan(0);
  expect(attempts.wait('b', once)).toBe(0);
  expect(attempts.wait('c', once)).toBeGreaterThan(0);
});

test('a name is locked wherever its failures came from, an address whatever the names', () => {
  const lockout = new Lockout(new ManualClock());
  for (let i = 0; i < 3; i++) lockout.failed('CP_1', `192.0.2.${i}`, rates, true);
  expect(lockout.wait('CP_1', '192.0.2.9', rates)).toBe(1_000);
  expect(lockout.wait('CP_2', '192.0.2.9', rates)).toBe(0);
  for (let i = 0; i < 5; i++) lockout.failed(`other ${i}`, '198.51.100.1', rates, true);
  expect(lockout.wait('CP_2', '198.51.100.1', rates)).toBe(1_000);
});

test('a stranger cannot lock a name out from where it last succeeded', () => {
  const lockout = new Lockout(new ManualClock());
  lockout.succeeded('CP_1', '192.0.2.1');
  for (let i = 0; i < 3; i++) lockout.failed('CP_1', `198.51.100.${i}`, rates, true);
  expect(lockout.wait('CP_1', '198.51.100.9', rates)).toBeGreaterThan(0);
  expect(lockout.wait('CP_1', '192.0.2.1', rates)).toBe(0);
  for (let i = 0; i < 5; i++) lockout.failed('CP_1', '192.0.2.1', rates, true);
  expect(lockout.wait('CP_1', '192.0.2.1', rates)).toBe(1_000);
});

test('guesses at names that there are not do not make it forget those at a real one', () => {
  const lockout = new Lockout(new ManualClock());
  for (let i = 0; i < 3; i++) lockout.failed('CP_1', `192.0.2.${i}`, rates, true);
  for (let i = 0; i < 10_001; i++)
    lockout.failed(`none ${i}`, `2001:db8:0:${i.toString(16)}::/64`, rates, false);
  expect(lockout.wait('CP_1', '198.51.100.1', rates)).toBe(1_000);
});
