import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clean, MAX_VALUE } from './escape.ts';

/** Written as code points, so that this file itself stays plain. */
const at = (...points: number[]) => String.fromCodePoint(...points);

describe('clean', () => {
  it.each(['', 'origin_denied', 'Zoë, 名前 and 🙂', 'a=b | "c" \'d\'', '/chat/room-1', '2001:db8::1'])(
    'leaves %j as it is',
    (text) => expect(clean(text)).toBe(text),
  );

  it.each([
    ['line feed', at(0x0a), '\\u{a}'],
    ['carriage return', at(0x0d), '\\u{d}'],
    ['null', at(0), '\\u{0}'],
    ['escape', at(0x1b), '\\u{1b}'],
    ['delete', at(0x7f), '\\u{7f}'],
    ['C1 control sequence introducer', at(0x9b), '\\u{9b}'],
    ['next line', at(0x85), '\\u{85}'],
    ['line separator', at(0x2028), '\\u{2028}'],
    ['paragraph separator', at(0x2029), '\\u{2029}'],
    ['right-to-left override', at(0x202e), '\\u{202e}'],
    ['right-to-left isolate', at(0x2067), '\\u{2067}'],
    ['Arabic letter mark', at(0x61c), '\\u{61c}'],
    ['zero width space', at(0x200b), '\\u{200b}'],
    ['byte order mark', at(0xfeff), '\\u{feff}'],
    ['tag letter', at(0xe0041), '\\u{e0041}'],
    ['lone surrogate', '\ud800', '\\u{d800}'],
    ['private use', at(0xe000), '\\u{e000}'],
    ['backslash', '\\', '\\\\'],
  ])('escapes a %s', (_name, character, escaped) => {
    expect(clean(`a${character}b`)).toBe(`a${escaped}b`);
  });

  it('tells an escape from text that looks like one', () => {
    expect(clean('\\u{a}')).not.toBe(clean('\n'));
  });

  it('cuts, and says from how much', () => {
    expect(clean('x'.repeat(65_536))).toBe(`${'x'.repeat(MAX_VALUE)}… (cut from 65536)`);
    expect(clean('x'.repeat(MAX_VALUE))).toBe('x'.repeat(MAX_VALUE));
    expect(clean('x'.repeat(MAX_VALUE + 1))).toContain('cut from 257');
  });

  it('does not cut an escape or a character in two', () => {
    const cut = clean(at(0x1f642).repeat(2_000));
    expect(Buffer.from(cut).toString()).toBe(cut);
    const escapes = clean('\n'.repeat(2_000)).replace(/… .*/, '');
    expect(escapes).toMatch(/^(\\u\{a\})+$/);
  });

  it('is printable, bounded and one line, whatever comes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 2_000 }), (text) => {
        const out = clean(text);
        expect(out.length).toBeLessThanOrEqual(MAX_VALUE + 30);
        expect(out).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
      }),
    );
  });
});
