import { expect, it } from 'vitest';
import { closingLine, countsOf } from '../../scripts/closing-line.ts';

const SOUND = { errors: (): object[] => [] };
const BROKEN = { errors: (): object[] => [{ message: 'cannot be loaded' }] };

/** A file with so many tests of each state, as the runner shows it. */
function moduleOf(states: Record<string, number>, itself = SOUND, suites = [SOUND]) {
  return {
    ...itself,
    children: {
      allTests: (state: string) => Array.from({ length: states[state] ?? 0 }).values(),
      allSuites: () => suites.values(),
    },
  } as never;
}

it('counts the tests of all files', () => {
  const modules = [moduleOf({ passed: 3, failed: 1 }), moduleOf({ passed: 2, skipped: 4 })];
  expect(closingLine(countsOf(modules, 0))).toBe('5 passed, 1 failed, 4 skipped');
  expect(closingLine(countsOf([moduleOf({ passed: 2 })], 0))).toBe('2 passed, 0 failed');
});

it('counts as failed what fails outside a test', () => {
  expect(countsOf([moduleOf({}, BROKEN)], 0).failed).toBe(1);
  expect(countsOf([moduleOf({ passed: 1 }, SOUND, [SOUND, BROKEN])], 0).failed).toBe(1);
  expect(countsOf([moduleOf({ passed: 1 })], 2).failed).toBe(2);
});
