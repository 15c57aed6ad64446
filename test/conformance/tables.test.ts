import { describe, expect, it } from 'vitest';
import { DEFLATE_TABLE, TABLES } from './tables.ts';

/** Of each table, at least: a filter or a loop that eats its cases must not go unseen. */
const AT_LEAST: Record<string, number> = {
  'data frames': 35,
  'control frames': 45,
  'reserved bits and opcodes': 130,
  fragments: 45,
  'UTF-8': 500,
  closing: 75,
  limits: 35,
  deflate: 75,
};

describe.each(Object.entries({ ...TABLES, deflate: DEFLATE_TABLE }))('the table of %s', (name, cases) => {
  it('is as long as it should be', () => {
    expect(cases.length).toBeGreaterThanOrEqual(AT_LEAST[name]!);
  });

  it('names each case once', () => {
    const names = cases.map((one) => one.name);
    expect(names.filter((n, i) => names.indexOf(n) !== i)).toEqual([]);
  });
});
