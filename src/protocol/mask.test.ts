import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CHARACTERS, maskInPlace, Scratch, unmaskInto } from './mask.ts';

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

  const seenIn = (clear: Uint8Array): number => {
    const scratch = new Scratch();
    scratch.reserve(clear.length);
    const masked = plainly(clear, KEY);
    return unmaskInto(scratch, 0, masked, 0, masked.length, KEY);
  };
  const plainest = (clear: Uint8Array): number => {
    if (clear.some((byte) => byte >= 0x80)) return CHARACTERS.any;
    return clear.some((byte) => byte < 0x20 || byte === 0x5c) ? CHARACTERS.ascii : CHARACTERS.plain;
  };

  it('sees what the bytes are', () => {
    const byte = fc.oneof(
      { weight: 20, arbitrary: fc.integer({ min: 0x20, max: 0x7f }) },
      fc.constantFrom(0, 1, 0x1f, 0x5b, 0x5c, 0x5d, 0x80, 0xff),
    );
    fc.assert(
      fc.property(fc.array(byte, { maxLength: 300 }), (bytes) => {
        expect(seenIn(Uint8Array.from(bytes))).toBe(plainest(Uint8Array.from(bytes)));
      }),
      { numRuns: 500 },
    );
  });

  it.each([0, 1, 2, 3, 4, 5, 70, 190, 191, 192, 193, 1_000])(
    'sees each single byte in the midst and at the end of %d others',
    (length) => {
      for (let byte = 0; byte < 256; byte++) {
        for (const at of [length, length >> 1]) {
          const bytes = new Uint8Array(length + 1).fill(0x61);
          bytes[at] = byte;
          expect(seenIn(bytes)).toBe(plainest(bytes));
        }
      }
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
