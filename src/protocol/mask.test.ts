import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maskInPlace, Scratch, unmaskInto } from './mask.ts';

/** RFC 6455 section 5.3 to the letter: octet i XOR octet i mod 4 of the key. */
function plainly(bytes: Uint8Array, key: number): Buffer {
  return Buffer.from(bytes.map((byte, i) => byte ^ ((key >>> (8 * (i % 4))) & 0xff)));
}

const KEY = 0x04030201 | 0;

describe('unmaskInto', () => {
  it('agrees with the definition at any length, place and key', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 1500, size: 'max' }),
        fc.nat(9),
        fc.nat(9),
        fc.integer(),
        (payload, before, at, key) => {
          const source = Buffer.concat([Buffer.alloc(before, 0xee), payload, Buffer.alloc(3, 0xee)]);
          const copy = Buffer.from(source);
          const scratch = new Scratch();
          scratch.reserve(at + payload.length);
          unmaskInto(scratch, at, source, before, before + payload.length, key);
          expect(scratch.bytes.subarray(at, at + payload.length)).toEqual(plainly(payload, key));
          expect(source).toEqual(copy); // what is forwarded is the original
        },
      ),
      { numRuns: 500 },
    );
  });

  it('says "ASCII" of nothing that is not', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.integer(), (clear, key) => {
        const scratch = new Scratch();
        scratch.reserve(clear.length);
        const masked = plainly(clear, key);
        if (unmaskInto(scratch, 0, masked, 0, masked.length, key)) {
          expect(clear.every((byte) => byte < 0x80)).toBe(true);
        }
      }),
    );
  });

  it.each([0, 1, 2, 3, 4, 5, 70, 190])(
    'sees that %d bytes are ASCII, and that the last one is not',
    (length) => {
      const scratch = new Scratch();
      scratch.reserve(length + 1);
      const ascii = plainly(Buffer.alloc(length, 'a'), KEY);
      expect(unmaskInto(scratch, 0, ascii, 0, length, KEY)).toBe(true);
      const other = plainly(Buffer.concat([Buffer.alloc(length, 'a'), Buffer.from([0x80])]), KEY);
      expect(unmaskInto(scratch, 0, other, 0, length + 1, KEY)).toBe(false);
    },
  );
});

describe('maskInPlace', () => {
  it('is its own inverse and touches nothing beside the payload', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(7), fc.integer(), (payload, at, key) => {
        const bytes = Buffer.concat([Buffer.alloc(at, 7), payload, Buffer.alloc(5, 7)]);
        const before = Buffer.from(bytes);
        maskInPlace(bytes, at, at + payload.length, key);
        expect(bytes.subarray(at, at + payload.length)).toEqual(plainly(payload, key));
        maskInPlace(bytes, at, at + payload.length, key);
        expect(bytes).toEqual(before);
      }),
    );
  });
});

describe('Scratch', () => {
  it('grows in powers of two and keeps what it holds', () => {
    const scratch = new Scratch();
    scratch.reserve(10);
    expect(scratch.bytes.length).toBe(1024);
    scratch.bytes.write('kept');
    scratch.reserve(5000);
    expect(scratch.bytes.length).toBe(8192);
    expect(scratch.bytes.toString('latin1', 0, 4)).toBe('kept');
    expect(scratch.words.buffer).toBe(scratch.bytes.buffer);
  });
});
