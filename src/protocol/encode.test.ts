import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeClose, encodeFrame, encodePing, encodeText } from './encode.ts';
import { FrameScanner, OPCODE, STATE } from './frames.ts';
import { maskInPlace } from './mask.ts';

describe('encodeFrame', () => {
  it.each([
    ['81 02 6869', encodeText('hi', false)],
    ['88 04 03e8 6f6b', encodeClose(1000, 'ok', false)],
    ['88 00', encodeClose(undefined, '', false)],
    ['89 00', encodePing(false)],
    [`82 7e 007e ${'61'.repeat(126)}`, encodeFrame(OPCODE.binary, Buffer.alloc(126, 'a'), false)],
    [
      `82 7f 0000000000010000 ${'61'.repeat(65536)}`,
      encodeFrame(OPCODE.binary, Buffer.alloc(65536, 'a'), false),
    ],
  ])('%.20s', (hex, frame) => {
    expect(frame.toString('hex')).toBe(hex.replaceAll(' ', ''));
  });

  it('is what our own scanner reads, masked or not', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 70_000, size: 'max' }), fc.boolean(), (payload, masked) => {
        const frame = encodeFrame(OPCODE.binary, payload, masked);
        const scanner = new FrameScanner(masked, false);
        const start = scanner.readHeader(frame, 0);
        expect(scanner).toMatchObject({ state: STATE.payload, fault: undefined, final: true, opcode: 2 });
        expect(start + scanner.length).toBe(frame.length);
        maskInPlace(frame, start, frame.length, scanner.key);
        expect(frame.subarray(start).equals(payload)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it('never masks with the same key twice in a row', () => {
    const keys = Array.from({ length: 600 }, () => encodePing(true).readInt32LE(2));
    expect(new Set(keys).size).toBeGreaterThan(595);
  });
});
