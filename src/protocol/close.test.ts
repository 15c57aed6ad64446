import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatClose, parseClose } from './close.ts';
import { isWireCode } from './close-codes.ts';

const body = (code: number, reason: string | Buffer = '') => {
  const head = Buffer.alloc(2);
  head.writeUInt16BE(code);
  return Buffer.concat([head, Buffer.from(reason as string)]);
};

describe('parseClose', () => {
  it('reads an empty body as no code', () => {
    expect(parseClose(Buffer.alloc(0))).toEqual({ code: undefined, reason: '' });
  });

  it('refuses one byte alone', () => {
    expect(parseClose(Buffer.from([3]))).toBe('length');
  });

  it.each([1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999])(
    'reads %d',
    (code) => {
      expect(parseClose(body(code, 'bye'))).toEqual({ code, reason: 'bye' });
    },
  );

  it.each([0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535])('refuses %d', (code) => {
    expect(parseClose(body(code))).toBe('code');
  });

  it('reads a reason of 123 bytes', () => {
    expect(parseClose(body(1000, 'x'.repeat(123)))).toEqual({ code: 1000, reason: 'x'.repeat(123) });
  });

  it('refuses a reason that is not UTF-8', () => {
    expect(parseClose(body(1000, Buffer.from('cebae1bdb9cf83cebcceb5eda080656469746564', 'hex')))).toBe(
      'text',
    );
  });
});

describe('formatClose', () => {
  it('has an empty body where there is no code', () => {
    expect(formatClose(undefined, 'ignored')).toEqual(Buffer.alloc(0));
  });

  it.each([1004, 1005, 1006, 1015, 0, 2000, 5000])('never says %d', (code) => {
    expect(() => formatClose(code, '')).toThrow(RangeError);
  });

  it('cuts the reason at 123 bytes, never inside a character', () => {
    const ofLength = (reason: string) => formatClose(1000, reason).length - 2;
    expect(ofLength('x'.repeat(123))).toBe(123);
    expect(ofLength('x'.repeat(124))).toBe(123);
    expect(ofLength(`${'x'.repeat(122)}é`)).toBe(122);
    expect(ofLength(`${'x'.repeat(120)}€`)).toBe(123);
    expect(ofLength(`${'x'.repeat(121)}€`)).toBe(121);
    expect(ofLength(`${'x'.repeat(120)}😀`)).toBe(120);
  });

  it('reads back as what it said, or a beginning of it', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1000, max: 4999 }),
        fc.string({ unit: 'grapheme', maxLength: 80 }),
        (code, reason) => {
          fc.pre(isWireCode(code));
          const read = parseClose(formatClose(code, reason));
          expect(read).toMatchObject({ code });
          expect(reason.startsWith((read as { reason: string }).reason)).toBe(true);
        },
      ),
    );
  });
});
