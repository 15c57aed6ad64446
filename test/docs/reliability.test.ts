import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

// The table of faults and the tests of faults are of one mind. (That its links lead somewhere is tested for all documents.)

const page = readFileSync('docs/reliability.md', 'utf8');
const rows = page
  .slice(page.indexOf('\n## Faults\n'))
  .split('\n')
  .filter((line) => /^\| .*\.test\.ts\) \|$/.test(line));

it('every fault has a test that shows what becomes of it', () => {
  expect(rows.length).toBeGreaterThan(12);
  for (const row of rows) expect(row.split(' | ')).toHaveLength(5);
});

it('every test of a fault is in the table, or in the text below it', () => {
  const missing = readdirSync('test/faults')
    .filter((name) => name.endsWith('.test.ts'))
    .filter((name) => !page.includes(`(../test/faults/${name})`));
  expect(missing).toEqual([]);
});
