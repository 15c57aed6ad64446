import { expect, it } from 'vitest';
import { linesOf } from '../../scripts/not-run.ts';

it('says of each missing program how many tests did not run, and nothing of what was skipped otherwise', () => {
  const names = [
    'the bus (needs redis-server) > tells everybody',
    'the bus (needs redis-server) > goes on',
    'a real browser (needs chromium) > reconnects',
    'something that is skipped on this system',
  ];
  expect(linesOf(names)).toEqual([
    'not run: 2 tests need redis-server, which is not installed',
    'not run: 1 tests need chromium, which is not installed',
  ]);
  expect(linesOf([])).toEqual([]);
});
