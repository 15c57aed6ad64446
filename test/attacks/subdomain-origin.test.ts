// OR-06
import { expect, it } from 'vitest';
import { Guarded } from '../support/guarded.ts';

it('keeps out a subdomain of a listed origin', async () => {
  const gate = new Guarded({ origins: ['https://app.example.com'] });
  expect(await gate.knock({ origin: 'https://test.app.example.com' })).toBe('origin_denied');
});

it('lets in one label where a wildcard is configured, and nothing above, below or beside it', async () => {
  const gate = new Guarded({ origins: ['https://*.app.example.com'] });
  expect(await gate.knock({ origin: 'https://test.app.example.com' })).toBe('pass');
  for (const origin of [
    'https://app.example.com',
    'https://a.b.app.example.com',
    'https://testapp.example.com',
    'https://test.app.example.com.evil.example',
    'https://test.app.example.com:8443',
    'http://test.app.example.com',
    'https://*.app.example.com',
    'https://.app.example.com',
    'https://evil.example/.app.example.com',
    'https://evil.example#.app.example.com',
  ]) {
    expect(await gate.knock({ origin }), origin).toBe('origin_denied');
  }
});
