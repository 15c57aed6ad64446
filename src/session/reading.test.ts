import { isUtf8 } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isText, Reading } from './reading.ts';

describe('isText', () => {
  it('says of any part of any bytes what Node says', () => {
    const piece = fc.constantFrom('a', 'é', '😀', '\u0000', '\u007f');
    const bytes = fc.oneof(
      fc.array(piece, { maxLength: 150 }).map((pieces) => Buffer.from(pieces.join(''))),
      fc.uint8Array({ maxLength: 150 }).map((array) => Buffer.from(array)),
    );
    fc.assert(
      fc.property(bytes, fc.nat(150), fc.nat(150), (raw, a, b) => {
        const [from, to] = [a, b].map((place) => Math.min(place, raw.length)).sort((x, y) => x - y);
        expect(isText(raw, from!, to!)).toBe(isUtf8(raw.subarray(from, to)));
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('a reading', () => {
  const frame = (text: string) => Buffer.concat([Buffer.from([0x81, text.length]), Buffer.from(text)]);

  it('shows one message after the other, of the same length and of others', () => {
    const reading = new Reading();
    for (const text of ['one', 'two', 'three', 'x'.repeat(125), 'six', 'x'.repeat(125)]) {
      reading.gather(frame(text), 0, text.length + 2);
      expect(reading.bytes.toString()).toBe(text);
      expect(reading.text()).toBe(text);
      reading.parsed = text;
    }
    reading.gather(frame('end'), 0, 5);
    expect(reading.parsed).toBeUndefined();
    reading.replace(Buffer.from('other'));
    expect(reading.bytes.toString()).toBe('other');
    reading.gather(frame('again'), 0, 7);
    expect(reading.bytes.toString()).toBe('again');
  });

  it('shows the right memory once that has grown', () => {
    const reading = new Reading();
    reading.gather(frame('one'), 0, 5);
    const large = Buffer.concat([Buffer.from([0x81, 126, 0x10, 0]), Buffer.alloc(4_096, 'y')]);
    reading.gather(large, 0, large.length);
    reading.gather(frame('two'), 0, 5);
    expect(reading.bytes.toString()).toBe('two');
  });
});
