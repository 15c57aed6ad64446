import { expect, test } from 'vitest';
import { z } from 'zod';
import { assembleRoute, pick } from './assemble.ts';

const a = { limits: { perSubject: { connections: z.int().optional() } }, origins: z.string() };
const b = {
  limits: { perSubject: { messages: z.string().optional() } },
  messages: { depth: z.int().prefault(32) },
};
const schema = assembleRoute([
  { owner: 'a', fragment: a },
  { owner: 'b', fragment: b },
]);

test('owners share sections', () => {
  expect(schema.parse({ origins: 'x', limits: { perSubject: { connections: 1, messages: 'm' } } })).toEqual({
    origins: 'x',
    limits: { perSubject: { connections: 1, messages: 'm' } },
    messages: { depth: 32 },
  });
});

test('a section that has defaults is filled in, another is left out', () => {
  expect(schema.parse({ origins: 'x' })).toEqual({ origins: 'x', messages: { depth: 32 } });
});

test.each([
  [{ origins: 'x', other: 1 }],
  [{ origins: 'x', limits: { perTenant: {} } }],
  [{ origins: 'x', limits: { perSubject: { bytes: 1 } } }],
  [{}],
])('%j is refused', (value) => {
  expect(schema.safeParse(value).success).toBe(false);
});

test.each([
  ['a leaf that two own', { origins: z.string() }],
  ['a leaf that is a section elsewhere', { limits: z.string() }],
  ['a section that is a leaf elsewhere', { origins: { x: z.string() } }],
  ['a leaf deep inside', { limits: { perSubject: { connections: z.int() } } }],
])('%s is a mistake in the program', (_what, fragment) => {
  const parts = [
    { owner: 'a', fragment: a },
    { owner: 'c', fragment },
  ];
  expect(() => assembleRoute(parts)).toThrow(/owned by both a and c/);
  expect(() => assembleRoute([...parts].reverse())).toThrow(/owned by both c and a/);
});

test('each owner is given what it owns, and no empty sections', () => {
  const route = { origins: 'x', limits: { perSubject: { messages: 'm' } }, messages: { depth: 32 } };
  expect(pick(a, route)).toEqual({ origins: 'x' });
  expect(pick(b, route)).toEqual({ limits: { perSubject: { messages: 'm' } }, messages: { depth: 32 } });
});
