import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Fragment } from '../pipeline/guard.ts';
import { GUARD_KINDS } from './kinds.ts';

function leavesOf(fragment: Fragment, path = ''): string[] {
  return Object.entries(fragment).flatMap(([key, value]) =>
    value instanceof z.ZodType ? [`${path}${key}`] : leavesOf(value as Fragment, `${path}${key}.`),
  );
}

describe('GUARD_KINDS', () => {
  it('names each guard once', () => {
    const names = GUARD_KINDS.map((kind) => kind.name);
    expect(new Set(names).size).toBe(names.length);
  });

  it('gives each key of a route to one guard', () => {
    const leaves = GUARD_KINDS.flatMap((kind) => leavesOf(kind.options));
    expect(leaves.filter((leaf, i) => leaves.indexOf(leaf) !== i)).toEqual([]);
    const sections = leaves.filter((leaf) => leaves.some((other) => other.startsWith(`${leaf}.`)));
    expect(sections).toEqual([]);
  });
});
