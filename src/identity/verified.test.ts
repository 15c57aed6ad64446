import { expect, test } from 'vitest';
import { keySetText, newSigner } from '../../test/support/tokens.ts';
import { parseKeySet } from './key-set.ts';
import { type Verified, VerifiedTokens } from './verified.ts';

const keys = parseKeySet(keySetText(newSigner()), ['ES256'], 10);
const others = { ...keys, digest: 'other' };
const verified = (until: number): Verified => ({
  principal: { identity: 'staff', subject: 'ada', roles: [], claims: {} },
  until,
  certificate: undefined,
});

test('remembers until the token runs out', () => {
  const tokens = new VerifiedTokens();
  const entry = verified(100);
  tokens.keep('abc', keys, entry);
  expect(tokens.find('abc', keys, 99)).toBe(entry);
  expect(tokens.find('abd', keys, 99)).toBeUndefined();
  expect(tokens.find('abc', keys, 100)).toBeUndefined();
});

test('forgets everything as soon as the keys change', () => {
  const tokens = new VerifiedTokens();
  tokens.keep('abc', keys, verified(100));
  expect(tokens.find('abc', others, 0)).toBeUndefined();
  tokens.keep('def', others, verified(100));
  expect(tokens.size).toBe(1);
  expect(tokens.find('abc', keys, 0)).toBeUndefined();
  expect(tokens.find('def', others, 0)).toBeDefined();
});

test('holds a bounded number, and a bounded length', () => {
  const tokens = new VerifiedTokens();
  for (let i = 0; i < 9_000; i++) tokens.keep(`token ${i}`, keys, verified(100));
  expect(tokens.size).toBe(8_192);
  expect(tokens.find('token 807', keys, 0)).toBeUndefined();
  expect(tokens.find('token 8999', keys, 0)).toBeDefined();
  for (let i = 0; i < 20; i++) tokens.keep(`${i}${'x'.repeat(1_048_576)}`, keys, verified(100));
  expect(tokens.size).toBeLessThanOrEqual(16);
});
