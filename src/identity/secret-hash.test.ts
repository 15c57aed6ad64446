import { expect, test } from 'vitest';
import { decoyOf, hashSecret, matches, parseHash } from './secret-hash.ts';

test('a secret matches its own hash, whatever it is made with', async () => {
  for (const cost of [10, 11]) {
    const text = await hashSecret('correct horse', cost);
    expect(text).toMatch(new RegExp(`^\\$scrypt\\$ln=${cost},r=8,p=1\\$`));
    const hash = parseHash(text)!;
    expect(await matches('correct horse', hash)).toBe(true);
    expect(await matches('correct horsf', hash)).toBe(false);
    expect(await matches('', hash)).toBe(false);
  }
});

test('the same secret never has the same hash', async () => {
  expect(await hashSecret('a', 10)).not.toBe(await hashSecret('a', 10));
});

test('by default a hash costs 32 MiB', async () => {
  expect(parseHash(await hashSecret('a'))).toMatchObject({ cost: 15, blockSize: 8, parallelism: 1 });
});

test('a decoy costs what the real one does, and nothing matches it', async () => {
  const hash = parseHash(await hashSecret('a', 10))!;
  const { cost, blockSize, parallelism, key } = decoyOf(hash);
  expect({ cost, blockSize, parallelism }).toEqual({ cost: 10, blockSize: 8, parallelism: 1 });
  expect(key.equals(hash.key)).toBe(false);
  expect(await matches('a', decoyOf(hash))).toBe(false);
});

const salt = 'A'.repeat(22);
const key = 'A'.repeat(43);

test.each([
  ['another function', `$argon2id$ln=15,r=8,p=1$${salt}$${key}`],
  ['too small a cost', `$scrypt$ln=09,r=8,p=1$${salt}$${key}`],
  ['too large a cost', `$scrypt$ln=19,r=8,p=1$${salt}$${key}`],
  ['no block', `$scrypt$ln=15,r=0,p=1$${salt}$${key}`],
  ['no lane', `$scrypt$ln=15,r=8,p=0$${salt}$${key}`],
  ['a short key', `$scrypt$ln=15,r=8,p=1$${salt}$${key.slice(1)}`],
  ['a short salt', `$scrypt$ln=15,r=8,p=1$AAAA$${key}`],
  ['a secret as it is', 'hunter2'],
  ['something behind it', `$scrypt$ln=15,r=8,p=1$${salt}$${key} `],
])('refuses %s', (_, text) => {
  expect(parseHash(text)).toBeUndefined();
});
