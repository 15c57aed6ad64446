// OR-08
import { expect, it } from 'vitest';
import { Guarded } from '../support/guarded.ts';

const gate = new Guarded({
  origins: ['https://app.example.com', 'https://bücher.example', 'http://[2001:db8::1]:3000'],
});

it.each([
  'https://app.example.com',
  'https://app.example.com:443',
  'HTTPS://APP.EXAMPLE.COM',
  'https://xn--bcher-kva.example',
  'http://[2001:db8::1]:3000',
])('takes %s for the same origin', async (origin) => {
  expect(await gate.knock({ origin })).toBe('pass');
});

it.each([
  'https://app.example.com:8443',
  'https://app.example.com:80',
  'https://app.example.com:00443',
  'https://app.example.com:443:443',
  'https://app.example.com:',
  'https://app.example.com.',
  'https://app.example.com./',
  'https://app.example.com/',
  'https://bücher.example',
  'http://[2001:db8:0:0::1]:3000',
  'http://[2001:db8::1]',
])('takes %s for another', async (origin) => {
  expect(await gate.knock({ origin })).toBe('origin_denied');
});
