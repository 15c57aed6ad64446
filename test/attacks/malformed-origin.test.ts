// OR-12
import { expect, it } from 'vitest';
import { Guarded } from '../support/guarded.ts';

const gate = new Guarded({ origins: ['https://app.example.com'] });

it.each([
  'http://a:b',
  'http://[::1',
  'http://]',
  'http://[',
  'https://app.example.com:99999',
  'https://app.example.com:-1',
  '://',
  'https://',
  'https://xn--',
  '\u0000',
  'https://\u00ff.example.com',
  '%',
  `https://${'a'.repeat(60_000)}.example.com`,
  'https://a.'.repeat(6_000),
  `${':'.repeat(60_000)}//`,
  `https://${'['.repeat(60_000)}`,
])('keeps out %.40j and lives', async (origin) => {
  expect(await gate.knock({ origin })).toBe('origin_denied');
  expect(await gate.knock({ origin: 'https://app.example.com' })).toBe('pass');
  expect(gate.journal.named('gateway.fault')).toEqual([]);
});
