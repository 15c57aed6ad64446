import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isRefusal, readFields } from './fields.ts';

const read = (raw: string[], most = 100) => readFields(raw, most);

describe('readFields', () => {
  it('takes names in lower case and joins repeated lists', () => {
    const fields = read(['Host', 'a', 'Accept', ' x ', 'accept', '\ty']);
    expect([...(fields as Map<string, string>)]).toEqual([
      ['host', 'a'],
      ['accept', 'x, y'],
    ]);
  });

  it.each([
    'authorization',
    'content-length',
    'cookie',
    'expect',
    'host',
    'origin',
    'proxy-authorization',
    'sec-fetch-site',
    'sec-websocket-key',
    'sec-websocket-version',
    'transfer-encoding',
  ])('refuses a second %s, even an equal one', (name) => {
    expect(read([name, '1', name.toUpperCase(), '1'])).toMatchObject({ pass: false });
  });

  it('refuses what is over the count', () => {
    expect(isRefusal(read(['a', '', 'b', ''], 2))).toBe(false);
    expect(read(['a', '', 'b', '', 'c', ''], 2)).toMatchObject({ code: 'headers_too_large' });
  });

  it.each(['é', '\x00', '\x7f', 'a\rb', 'a\nb', '\x1b'])('refuses the value %j', (value) => {
    expect(read(['x', value])).toMatchObject({ code: 'request_malformed' });
  });

  it('keeps names of Object.prototype as the data they are', () => {
    const fields = read(['__proto__', 'x', 'constructor', 'y']) as Map<string, string>;
    expect([...fields.keys()]).toEqual(['__proto__', 'constructor']);
  });

  it('never throws, whatever it is given', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' })), (raw) => {
        expect(read(raw)).toBeTypeOf('object');
      }),
    );
  });
});
