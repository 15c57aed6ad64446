import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readTarget } from './target.ts';

const pathOf = (url: string) => {
  const target = readTarget(url);
  return typeof target === 'string' ? undefined : target.path;
};

describe('readTarget', () => {
  it.each([
    ['/', '/'],
    ['/ws', '/ws'],
    ['/WS', '/WS'],
    ['/ws/', '/ws/'],
    ['/ws;x=1', '/ws;x=1'],
    ['/a.b/..c/c..', '/a.b/..c/c..'],
    ['/%61%2d%7E', '/a-~'],
    ['/caf%c3%a9', '/caf%C3%A9'],
    ['/a%20b', '/a%20b'],
    ['/%25', '/%25'],
    ["/a!$&'()*+,=:@", "/a!$&'()*+,=:@"],
  ])('takes %s as %s', (url, path) => {
    expect(pathOf(url)).toBe(path);
  });

  it.each([
    '',
    '*',
    'ws',
    'http://other/ws',
    'other:443',
    '//',
    '//ws',
    '//[]/x',
    '/a//b',
    '/.',
    '/..',
    '/./a',
    '/ws/../admin',
    '/ws/..;x=1/admin',
    '/ws/%2e%2e/admin',
    '/ws/.%2E/admin',
    '/ws/%2e',
    '/a%2fb',
    '/a%2Fb',
    '/a\\b',
    '/a%5cb',
    '/%00',
    '/%0d%0a',
    '/%1f',
    '/%7f',
    '/%ff',
    '/%c0%ae',
    '/%',
    '/%4',
    '/%u0000',
    '/%zz',
    '/a b',
    '/a#b',
    '/a"b',
    '/<a>',
    '/a|b',
    '/é',
    '/\x00',
    '/a?b#c',
    '/a?b c',
    '/a?%',
  ])('refuses %j', (url) => {
    expect(readTarget(url)).toBeTypeOf('string');
  });

  it('keeps the query as it is, without its mark', () => {
    expect(readTarget('/a?b=1&c={"d":[|]}'.replaceAll('"', '%22'))).toMatchObject({
      query: 'b=1&c={%22d%22:[|]}',
    });
    expect(readTarget('/a?b?c//../d')).toMatchObject({ path: '/a', query: 'b?c//../d' });
    expect(readTarget('/a?')).toMatchObject({ query: '' });
  });

  it('is idempotent, and what it lets through no URL parser reads as another path', () => {
    const piece = fc.constantFrom(
      '/',
      '.',
      '..',
      '%2e',
      '%2F',
      '%5C',
      '%41',
      '%e2%82%ac',
      ';',
      'a',
      'B',
      '%',
      '\\',
      '~',
      ':',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const path = pathOf(`/${pieces.join('')}`);
        fc.pre(path !== undefined);
        expect(pathOf(path)).toBe(path);
        expect(new URL(path, 'https://host').pathname).toBe(path);
      }),
      { numRuns: 2_000 },
    );
  });

  it('never throws, whatever it is given', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (url) => void readTarget(url)));
  });
});
