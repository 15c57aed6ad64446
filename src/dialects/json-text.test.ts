import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fakePayload } from '../../test/support/guard.ts';
import { isUnreadable, parseText } from './json-text.ts';

const parse = (text: string) => parseText(fakePayload(text));

describe('parseText', () => {
  it('reads whatever JSON text there is, as JSON.parse does', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(parse(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  it.each([
    ['half a pair', '"\\ud800"'],
    ['the other half', '"\\udc00"'],
    ['a pair the wrong way round', '"\\udc00\\ud800"'],
    ['a half and a letter', '"\\ud800a"'],
    ['a half and another escape', '"\\ud800\\u0061"'],
    ['two first halves', '"\\ud83d\\ud83d\\ude00"'],
    ['a half in a key', '{"\\uD800":1}'],
    ['NUL at the end of a key', '{"type\\u0000":1}'],
    ['NUL in a key before blanks', '{"type\\u0000" \n\t:1}'],
  ])('refuses %s', (_, text) => {
    const value = parse(text);
    expect(isUnreadable(value)).toBe(true);
    expect(value).toMatchObject({ code: 'json_unsafe' });
  });

  it.each([
    ['a pair', '"\\ud83d\\ude00"'],
    ['NUL in a value', '{"a":"\\u0000"}'],
    ['NUL in a list', '["\\u0000", 1]'],
    ['an escaped backslash before a u', '"\\\\ud800"'],
    ['an escaped quote and a half that is none', '"\\"\\\\ud800\\u0041"'],
  ])('reads %s', (_, text) => {
    expect(parse(text)).toEqual(JSON.parse(text));
  });

  it('refuses strings exactly where they are not well formed', () => {
    const unit = fc.integer({ min: 0xd780, max: 0xe080 });
    fc.assert(
      fc.property(fc.array(unit, { maxLength: 6 }), (units) => {
        const text = `"${units.map((code) => `\\u${code.toString(16).padStart(4, '0')}`).join('')}"`;
        const wellFormed = !/[\ud800-\udfff]/u.test(JSON.parse(text));
        expect(isUnreadable(parse(text))).toBe(!wellFormed);
      }),
    );
  });

  it('takes no message that looks like a refusal for one', () => {
    expect(
      isUnreadable(parse('{"pass":false,"code":"message_malformed","reason":"not one JSON text"}')),
    ).toBe(false);
  });
});
