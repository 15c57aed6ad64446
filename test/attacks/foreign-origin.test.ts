// OR-01
import { expect, it } from 'vitest';
import { REFUSALS } from '../../src/errors.ts';
import { Guarded } from '../support/guarded.ts';

const gate = new Guarded({ origins: ['https://app.example.com'] });

it.each([
  'https://evil.example',
  'https://app.example.com.evil.example',
  'https://example.com',
  'https://app-example.com',
])('keeps out a page of %s, cookie or not', async (origin) => {
  expect(await gate.knock({ origin })).toBe('origin_denied');
  const headers = new Map([['cookie', 'session=stolen']]);
  expect(await gate.knock({ origin, headers })).toBe('origin_denied');
  expect(REFUSALS.origin_denied.status).toBe(403);
});

it('lets in a page of the listed origin', async () => {
  expect(await gate.knock({ origin: 'https://app.example.com' })).toBe('pass');
});
