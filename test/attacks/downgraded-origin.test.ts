// OR-04
import { expect, it } from 'vitest';
import { Guarded } from '../support/guarded.ts';

const gate = new Guarded({ origins: ['https://app.example.com'] });

it.each([
  'http://app.example.com',
  'ws://app.example.com',
  'wss://app.example.com',
  'ftp://app.example.com',
  '//app.example.com',
  'app.example.com',
  'http://app.example.com:443',
])('does not take %s for the https origin of the same host', async (origin) => {
  expect(await gate.knock({ origin })).toBe('origin_denied');
});
