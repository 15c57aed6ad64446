import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isExact } from './number.ts';

describe('isExact', () => {
  it.each([
    '0',
    '-0',
    '0.0',
    '0e999999',
    '9007199254740992',
    '-9007199254740994',
    '1152921504606846976',
    '0.1',
    '1e22',
    '12.50',
    '1.7976931348623157',
    '5e-324',
    '1.0e2',
    '9007199254740993.5',
  ])('holds %s', (literal) => {
    expect(isExact(literal)).toBe(true);
  });

  it.each([
    '9007199254740993',
    '-9007199254740993',
    '9007199254740993.0',
    '9007199254740993e0',
    '900719925474099.3e1',
    '1e23',
    '1e309',
    '-1e400',
    '1e-400',
    '1e1000000',
    '18446744073709551615',
    '9'.repeat(200),
  ])('does not hold %s', (literal) => {
    expect(isExact(literal)).toBe(false);
  });

  it('holds each integer that a double is, and no neighbour of one that is not', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 80n), max: 2n ** 80n }), (integer) => {
        expect(isExact(String(integer))).toBe(BigInt(Number(integer)) === integer);
      }),
      { numRuns: 2_000 },
    );
  });

  it('holds whatever JSON.stringify writes of a fraction', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        if (!Number.isInteger(value)) expect(isExact(JSON.stringify(value))).toBe(true);
      }),
    );
  });
});
