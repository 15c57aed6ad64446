import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { close, decodeFrame, encodeFrames, ping, text } from './frames.ts';

describe('encodeFrames', () => {
  it.each([
    ['unmasked', text('a', { unmasked: true }), '81 01 61'],
    ['a fragment with reserved bits', text('', { fin: false, rsv: 5, unmasked: true }), '51 00'],
    [
      'a length that is too long for it',
      ping('', { lengthBits: 64, unmasked: true }),
      '89 7f 0000000000000000',
    ],
    [
      'a length of more than there is',
      text('', { declares: 2n ** 63n, unmasked: true }),
      '81 7f 8000000000000000',
    ],
    ['a close', { ...close(1005, 'x'), unmasked: true as const }, '88 03 03ed 78'],
  ])('%s', (_, spec, bytes) => {
    expect(encodeFrames([spec]).toString('hex')).toBe(bytes.replaceAll(' ', ''));
  });

  it('is read back as it was meant', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 70_000 }),
        fc.nat(15),
        fc.nat(7),
        fc.boolean(),
        (bytes, opcode, rsv, fin) => {
          const payload = Buffer.from(bytes);
          const encoded = encodeFrames([{ opcode, rsv, fin, payload }]);
          const read = decodeFrame(encoded);
          expect(read).toEqual({ size: encoded.length, frame: { opcode, rsv, fin, masked: true, payload } });
          expect(decodeFrame(encoded.subarray(0, -1))).toBeUndefined();
        },
      ),
      { numRuns: 50 },
    );
  });
});
