// OR-10
import { expect, it } from 'vitest';
import { Guarded } from '../support/guarded.ts';

const gate = new Guarded({ origins: ['https://app.example.com', 'https://other.example.com', 'null'] });

it.each([
  'https://app.example.com https://evil.example',
  'https://evil.example https://app.example.com',
  'https://app.example.com https://other.example.com',
  'https://app.example.com, https://other.example.com',
  'https://app.example.com,https://app.example.com',
  'null https://app.example.com',
])('keeps out the list %j, listed or not', async (origin) => {
  expect(await gate.knock({ origin })).toBe('origin_denied');
});
