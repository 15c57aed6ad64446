import { deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deflated, noise } from '../../test/support/deflated.ts';
import { inflateMessage } from './inflate.ts';

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');
const inflate = (bytes: Buffer, most = 65_536) => {
  const result = inflateMessage(bytes, most);
  return typeof result === 'string' ? result : result.toString();
};

describe('the examples of RFC 7692 section 7.2.3', () => {
  it.each([
    ['one block', 'f2 48 cd c9 c9 07 00', 'Hello'],
    ['no compression', '00 05 00 fa ff 48 65 6c 6c 6f 00', 'Hello'],
    ['BFINAL set', 'f3 48 cd c9 c9 07 00 00', 'Hello'],
    ['two blocks', 'f2 48 05 00 00 00 ff ff ca c9 c9 07 00', 'Hello'],
    ['an empty message', '00', ''],
  ])('%s', (_, bytes, text) => {
    expect(inflate(hex(bytes))).toBe(text);
  });
});

describe('inflateMessage', () => {
  it('gives back what was deflated, at any level', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2_000 }), fc.integer({ min: 0, max: 9 }), (plain, level) => {
        expect(inflateMessage(deflated(Buffer.from(plain), { level }), 2_000)).toEqual(Buffer.from(plain));
      }),
    );
  });

  it('yields as much as it may, and not one byte more', () => {
    expect(inflate(deflated(Buffer.alloc(1_000, 'x')), 1_000)).toBe('x'.repeat(1_000));
    expect(inflate(deflated(Buffer.alloc(1_001, 'x')), 1_000)).toBe('message_too_big');
    expect(inflate(deflated(noise(1_001)), 1_000)).toBe('message_too_big');
  });

  it('stops a bomb long before it has gone off', () => {
    const bomb = deflated(Buffer.alloc(64 * 1_048_576));
    const before = process.memoryUsage().arrayBuffers;
    expect(inflate(bomb)).toBe('message_too_big');
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 * 1_048_576);
  });

  it('takes a truncated message for none, wherever it was cut', () => {
    const whole = deflated(Buffer.from('a message that somebody cut in two, and then again'));
    for (let length = 0; length < whole.length; length++) {
      expect(inflate(whole.subarray(0, length)), `${length} bytes`).toBe('inflate_failed');
    }
  });

  it.each([
    ['a block of type 3', '07'],
    ['stored lengths that disagree', '00 05 00 00 00 48'],
    ['a distance before the beginning', '4b 04 23 00'],
    ['noise', 'ff ff ff ff ff ff'],
    ['bytes behind a final block', 'f3 48 cd c9 c9 07 00 f2 48 cd c9 c9 07 00'],
  ])('refuses %s', (_, bytes) => {
    expect(inflate(hex(bytes))).toBe('inflate_failed');
  });

  it('keeps nothing from one message to the next', () => {
    const first = deflateRawSync(Buffer.from('shared dictionary'));
    expect(inflate(first)).toBe('shared dictionary');
    // A stored nothing, then a match that reaches back into the message before.
    expect(inflate(hex('02 13 00 00'))).toBe('inflate_failed');
  });
});
