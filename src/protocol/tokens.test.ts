import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isToken, isTokenChar, listOf, trim } from './tokens.ts';

describe('tokens', () => {
  it('have every character of RFC 9110 §5.6.2, and no other', () => {
    const tchar = "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    for (let code = 0; code < 0x180; code++) {
      const character = String.fromCharCode(code);
      expect([character, isToken(character)]).toEqual([character, tchar.includes(character)]);
      expect(isTokenChar(code)).toBe(isToken(character));
    }
  });

  it('are not empty, and end where their text ends', () => {
    expect(['', 'a b', 'a\n', ' a', 'a,'].filter(isToken)).toEqual([]);
    expect(isTokenChar(Number.NaN)).toBe(false);
  });
});

describe('lists', () => {
  it('keep empty elements, without the space around them', () => {
    expect(listOf('a, ,b\t,')).toEqual(['a', '', 'b', '']);
  });

  it('are trimmed as String.prototype.trim does it for spaces and tabs', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(' ', '\t', 'a', 'b') }), (text) => {
        expect(trim(text)).toBe(text.trim());
      }),
    );
  });
});
