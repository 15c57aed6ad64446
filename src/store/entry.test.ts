import fc from 'fast-check';
import { expect, it } from 'vitest';
import { checkKey, keyOf } from './entry.ts';

const part = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 3_000 }),
  fc.string({ maxLength: 30 }),
  fc.constantFrom('', '/', '%2F', 'sha256:x', '\ud800', 'a'.repeat(200), 'ü'.repeat(100)),
);

it('makes a key of any parts that every store takes', () => {
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 3 }), (parts) => checkKey(`x/${keyOf(parts)}`)),
  );
});

it('never makes the same key of two lists', () => {
  fc.assert(
    fc.property(fc.array(part, { maxLength: 3 }), fc.array(part, { maxLength: 3 }), (one, two) => {
      fc.pre(one.length > 0 && two.length > 0);
      expect(keyOf(one) === keyOf(two)).toBe(JSON.stringify(one) === JSON.stringify(two));
    }),
  );
});

it('keeps short parts readable', () => {
  expect(keyOf(['acme/eu', 'ada@example.com']).split('/').map(decodeURIComponent)).toEqual([
    'acme/eu',
    'ada@example.com',
  ]);
});
