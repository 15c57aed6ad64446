import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { refill } from './meter.ts';
import { compilePattern } from './patterns.ts';

const isNative = (source: string) => compilePattern(source) instanceof RegExp;

function test(source: string, text: string): boolean {
  refill();
  return compilePattern(source).test(text);
}

describe('a pattern', () => {
  it.each([
    '^[a-z0-9-]{1,36}$',
    '^chat\\.[a-z]+$',
    '^\\d{4}-\\d{2}-\\d{2}$',
    '^[^@]+@[a-z.]+$',
    '^[A-Z][a-z]*',
    '^-?\\d+$',
    '^a?b?c$',
    '^$',
    '^',
    '^[\\d-]{8}\\$$',
  ])('%s has one way to match, and runs on the runtime', (source) => {
    expect(isNative(source)).toBe(true);
  });

  it.each([
    '^(a+)+$',
    '^a+a+$',
    '^a*[a-z]$',
    '^a?a$',
    '^[^a]*[^b]$',
    '^\\w+\\d$',
    '^a+b?a$',
    '[a-z]+$',
    'a',
    '^a|b$',
    '^.*$',
    '^\\s+$',
    '^[é]+$',
    '^\\p{L}+$',
    '^[\\s]*$',
  ])('%s runs on RE2', (source) => {
    expect(isNative(source)).toBe(false);
  });

  it.each([
    '(?=a)b',
    '(?!a)b',
    '(?<=a)b',
    '(a)\\1',
    '(?<n>a)\\k<n>',
    'a{1001}',
    '[\\S]',
    '(',
    '\\-',
    '[z-a]',
    '\\ud800',
  ])('%s does not load', (source) => {
    expect(() => compilePattern(source)).toThrow();
  });

  it.each([
    ['^.$', ['a', '😀', '\v', '\u0085'], ['\n', '\r', '\u2028', '\u2029', '']],
    ['^\\s$', ['\u00a0', '\ufeff', '\u2028', '\v'], ['\u0085', 'a', '\u180e']],
    ['^\\S$', ['\u0085', 'a'], ['\u00a0', '\ufeff']],
    ['^[\\sa]+$', ['a\u3000'], ['b']],
    ['^(a)$', ['a'], ['a\n', 'ab']],
    ['^[[:a]+$', ['[:a'], [']', 'l']],
    ['^(?:[]|a)$', ['a'], ['b', ']']],
    ['^(?:[^])$', ['\n', '😀'], ['']],
    ['^(?:\\b[a\\b])$', ['a'], ['\b']],
    ['^(?:\\0|\\cJ)$', ['\0', '\n'], ['0', 'J']],
    ['^(?:\\u{1f600}|\\ud83d\\ude01)$', ['😀', '😁'], ['\ud83d']],
    ['^\\p{Script=Greek}$', ['λ'], ['l']],
  ])('%s matches what ECMA-262 says', (source, good, bad) => {
    const native = new RegExp(source, 'u');
    expect(isNative(source)).toBe(false);
    for (const text of good)
      expect([native.test(text), test(source, text)], JSON.stringify(text)).toEqual([true, true]);
    for (const text of bad)
      expect([native.test(text), test(source, text)], JSON.stringify(text)).toEqual([false, false]);
  });

  const ATOMS = [
    ...[
      'a',
      'b',
      '.',
      '\\d',
      '\\w',
      '\\s',
      '\\S',
      '\\W',
      '[ab]',
      '[^a]',
      '[]',
      '[^]',
      '[a-c]',
      '[[:a]',
      '[\\s\\d]',
      '[\\b]',
    ],
    ...[
      '\\.',
      '\\/',
      '\\u0061',
      '\\u{1f600}',
      '\\ud83d\\ude00',
      '\\cJ',
      '\\0',
      '\\t',
      '\\v',
      '\\b',
      '\\p{L}',
      '\\P{Lu}',
      '😀',
    ],
    ...['\\p{Script=Greek}', '[^\\]]', '[-a]', '[a\\-z]', '\\x61', '\\$', '-', '_', '/'],
  ];
  const CHARS = [
    'a',
    'b',
    'c',
    'A',
    '1',
    '.',
    '/',
    '\\',
    '\n',
    '\r',
    '\u2028',
    '\u00a0',
    ' ',
    '\t',
    '\v',
    '\0',
    '\b',
    '[',
    ':',
    ']',
    '-',
    '_',
    '$',
    '😀',
    'λ',
    'é',
  ];

  it('means what it means in ECMA-262, whichever engine runs it', () => {
    const atom = fc.tuple(
      fc.constantFrom(...ATOMS),
      fc.constantFrom('', '', '', '?', '*', '+', '{2}', '{0,2}', '+?'),
    );
    const row = fc
      .array(atom, { maxLength: 4 })
      .map((atoms) => atoms.map(([a, b]) => (a === '\\b' ? a : a + b)).join(''));
    const group = fc.tuple(row, row).map(([a, b]) => `(?:${a}|${b})`);
    const source = fc
      .tuple(
        fc.constantFrom('', '^'),
        fc.array(fc.oneof(row, group), { maxLength: 2 }),
        fc.constantFrom('', '$'),
      )
      .map(([start, parts, end]) => start + parts.join('') + end);
    const text = fc.array(fc.constantFrom(...CHARS), { maxLength: 6 }).map((chars) => chars.join(''));
    fc.assert(
      fc.property(source, fc.array(text, { minLength: 5, maxLength: 5 }), (pattern, texts) => {
        const native = new RegExp(pattern, 'u');
        for (const each of texts) {
          expect(test(pattern, each), `${pattern} on ${JSON.stringify(each)}`).toBe(native.test(each));
        }
      }),
      { numRuns: 400 },
    );
  });

  it('is one of its own to ajv, which keeps one for each text', () => {
    expect(compilePattern('(a)').toString()).not.toBe(compilePattern('(b)').toString());
  });
});
