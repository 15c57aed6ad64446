// OR-07
import { expect, it } from 'vitest';
import { Guarded } from '../support/guarded.ts';

const gate = new Guarded({ origins: ['https://app.example.com', 'https://*.wild.example.com'] });

it.each([
  'https://app.example.com`google.com',
  'https://app.example.com%60.evil.com',
  'https://app.example.com%2eevil.com',
  'https://app.example.com@evil.example',
  'https://evil.example\\.wild.example.com',
  'https://evil.example%2f.wild.example.com',
  'https://evil.example?.wild.example.com',
  'https://evil.example;.wild.example.com',
  'https://evil.example,.wild.example.com',
  'https://evil.example .wild.example.com',
  'https://evil.example\t.wild.example.com',
  'https://evil.example\u0000.wild.example.com',
  'https://app.example.com/',
  'https://app.example.com?',
  'https://аpp.example.com',
  'https://app。example。com',
  'https://ａpp.example.com',
])('keeps out %j', async (origin) => {
  expect(await gate.knock({ origin })).toBe('origin_denied');
});
