import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { negotiateDeflate, parseExtensions } from './deflate.ts';

const PLAIN = 'permessage-deflate; server_no_context_takeover; client_no_context_takeover';

describe('negotiateDeflate', () => {
  it.each([
    ['permessage-deflate', PLAIN],
    ['permessage-deflate; client_max_window_bits', PLAIN],
    ['permessage-deflate;client_max_window_bits=8', PLAIN],
    ['permessage-deflate ; client_max_window_bits = "15" ; server_no_context_takeover', PLAIN],
    ['permessage-deflate; client_no_context_takeover', PLAIN],
    ['permessage-deflate; server_max_window_bits=10', `${PLAIN}; server_max_window_bits=10`],
    ['x-webkit-deflate-frame, permessage-deflate', PLAIN],
    [
      'permessage-deflate; server_max_window_bits=7, permessage-deflate; what, permessage-deflate; server_max_window_bits=8',
      `${PLAIN}; server_max_window_bits=8`,
    ],
    [`${'permessage-deflate; unknown, '.repeat(15)}permessage-deflate`, PLAIN],
  ])('accepts %s', (offer, response) => {
    expect(negotiateDeflate(offer)).toEqual({ accepted: true, response });
  });

  it.each([
    '',
    'deflate',
    'permessage-deflate; unknown',
    'permessage-deflate; constructor',
    'permessage-deflate; __proto__',
    'permessage-deflate; toString',
    '__proto__',
    'permessage-deflate; client_no_context_takeover; client_no_context_takeover',
    'permessage-deflate; client_no_context_takeover=1',
    'permessage-deflate; server_no_context_takeover=true',
    'permessage-deflate; server_max_window_bits',
    ...['0', '7', '16', '08', '015', '99999', 'abc', '-8', '1e1', '""', '8 8'].flatMap((bits) => [
      `permessage-deflate; client_max_window_bits=${bits}`,
      `permessage-deflate; server_max_window_bits=${bits}`,
    ]),
    'permessage-deflate;',
    'permessage-deflate,',
    ',permessage-deflate',
    'permessage-deflate;;client_no_context_takeover',
    'permessage-deflate; a="',
    'permessage-deflate; a="\\',
    'permessage-deflate; a="b"c',
    'permessage-deflate client_no_context_takeover',
    'permessage-deflate; a\u0001',
  ])('declines %s', (offer) => {
    expect(negotiateDeflate(offer)).toEqual({ accepted: false, response: '' });
  });

  it('answers only with what was offered', () => {
    const word = fc.constantFrom(
      'permessage-deflate',
      'client_max_window_bits',
      'server_max_window_bits',
      '=9',
      '="12"',
      ';',
      ',',
      ' ',
      'x',
      '"',
      '\\',
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 20 }), (words) => {
        const { accepted, response } = negotiateDeflate(words.join(''));
        if (response.includes('server_max')) expect(words).toContain('server_max_window_bits');
        expect(accepted).toBe(response !== '');
      }),
      { numRuns: 2000 },
    );
  });
});

describe('parseExtensions', () => {
  it('reads names, parameters and quoted values', () => {
    expect(parseExtensions('a; b; c=d; e="f\\g", h')).toEqual([
      {
        name: 'a',
        parameters: [
          ['b', true],
          ['c', 'd'],
          ['e', 'fg'],
        ],
      },
      { name: 'h', parameters: [] },
    ]);
  });

  it('visits each character once, also in an unfinished quotation of escapes', () => {
    // A header twice as long with two characters read twice would be an exponent, not a factor: this ends at once.
    expect(parseExtensions(`a; b="${'\\c'.repeat(500_000)}`)).toBeUndefined();
    expect(parseExtensions(`a${' '.repeat(1_000_000)}b`)).toBeUndefined();
  });
});
