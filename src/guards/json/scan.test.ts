import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Shape, shapeOf } from '../../../test/support/json-shape.ts';
import type { JsonLimits } from './limits.ts';
import { JsonScanner } from './scan.ts';

const WIDE: JsonLimits = {
  maxDepth: 256,
  maxKeys: 100_000,
  maxItems: 100_000,
  allowDuplicates: false,
  allowInexact: false,
};
const scan = (text: string, limits: Partial<JsonLimits> = {}) =>
  new JsonScanner({ ...WIDE, ...limits }).scan(Buffer.from(text));

describe('JsonScanner', () => {
  it.each([
    '{}',
    '[]',
    '{"a":1}',
    '[1,2,{"a":[]}]',
    '"text"',
    '7',
    'null',
    ' { "a" : "{\\"b\\":1}" } ',
    '{"a":"\\ud83d\\ude00"}',
  ])('passes %s', (text) => {
    expect(scan(text)).toBeUndefined();
  });

  it.each([
    ['{"a":1,"a":2}', 'duplicate'],
    ['{"action":1,"act\\u0069on":2}', 'duplicate'],
    ['{"act\\u0069on":1,"action":2}', 'duplicate'],
    ['{"\\u0061":1,"\\u0061":2}', 'duplicate'],
    ['{"a":{"b":1},"c":[{"d":1}],"a":2}', 'duplicate'],
    ['{"é":1,"\\u00e9":2}', 'duplicate'],
    ['{"😀":1,"\\ud83d\\ude00":2}', 'duplicate'],
    ['{"":1,"":2}', 'duplicate'],
    ['{"a\\/b":1,"a/b":2}', 'duplicate'],
    ['{"__proto__":{}}', 'prototype'],
    ['{"a":[{"__pr\\u006fto__":1}]}', 'prototype'],
    ['{"constructor":{"prototype":{}}}', 'prototype'],
    ['{"constructor" : {"a":1,"proto\\u0074ype":{}}}', 'prototype'],
    ['{"c\\u006fnstructor":{"prototype":{}}}', 'prototype'],
    ['{"action\\u0000":1}', 'nul'],
    ['{"a":"\\ud800"}', 'surrogate'],
    ['{"a":"\\udc00"}', 'surrogate'],
    ['{"a":"\\ud800x"}', 'surrogate'],
    ['{"a":"\\ud800\\ud800"}', 'surrogate'],
    ['{"\\ud800":1}', 'surrogate'],
    ['{"id":9007199254740993}', 'number'],
    ['[1e400]', 'number'],
    ['{', 'malformed'],
    ['[}', 'malformed'],
    [']', 'malformed'],
    ['"abc', 'malformed'],
    ['{}}', 'malformed'],
  ])('finds in %s: %s', (text, fault) => {
    expect(scan(text)).toBe(fault);
  });

  it.each([
    '{"a":{"a":1},"b":{"a":1}}',
    '[{"a":1},{"a":2}]',
    '{"a":"a","b":"a"}',
    '{"prototype":1}',
    '{"constructor":1,"prototype":2}',
    '{"constructor":[{"prototype":1}]}',
    '{"constructor":1,"b":{"prototype":2}}',
    '{"a":"\\u0000"}',
    '{"toString":1,"hasOwnProperty":2,"length":3}',
    '{"a":"__proto__"}',
  ])('finds nothing in %s', (text) => {
    expect(scan(text)).toBeUndefined();
  });

  it('finds a repeated key however many keys there are', () => {
    for (const keys of [2, 15, 16, 17, 18, 40, 500]) {
      const names = Array.from({ length: keys }, (_, i) => `"key${i}":{"x":${i},"y":[1]}`);
      expect(scan(`{${names.join()}}`)).toBeUndefined();
      for (const again of [0, Math.floor(keys / 2), keys - 1]) {
        expect(scan(`{${names.join()},"key${again}":0}`), `${again} of ${keys}`).toBe('duplicate');
      }
    }
  });

  it('lets repeated keys and rounded numbers pass where the route does', () => {
    expect(scan('{"a":1,"a":2}', { allowDuplicates: true })).toBeUndefined();
    expect(scan('{"a":1,"__proto__":2}', { allowDuplicates: true })).toBe('prototype');
    expect(scan('{"a":9007199254740993}', { allowInexact: true })).toBeUndefined();
  });

  it('reads long strings to their end', () => {
    for (const length of [40, 47, 48, 49, 50, 97, 1_000]) {
      for (const inside of [
        '',
        '\\"',
        '\\\\',
        '\\\\\\"',
        '\\u00e9',
        '{"a":1,"a":2}'.replaceAll('"', '\\"'),
      ]) {
        const text = `"${'x'.repeat(length)}${inside}${'y'.repeat(60)}"`;
        expect(scan(`{"a":${text},"b":${text},"c":1}`), text).toBeUndefined();
        expect(scan(`{"a":${text},"b":${text},"a":1}`), text).toBe('duplicate');
        expect(scan(`{${text}:${text},"b":1,${text}:1}`), text).toBe('duplicate');
      }
    }
  });

  it('keeps nothing of one text for the next', () => {
    const scanner = new JsonScanner(WIDE);
    const long = (length: number) => Buffer.from(`{"a":"${'x'.repeat(length)}","a":1}`);
    for (const length of [900, 60, 500, 100, 50]) expect(scanner.scan(long(length))).toBe('duplicate');
    for (const text of ['{"a":{"b":[', '{"a":1,"constructor":', '{"x":1,"x"', '[1,2', '"\\ud8']) {
      scanner.scan(Buffer.from(text));
      expect(scanner.scan(Buffer.from('{"a":{"prototype":1},"b":1,"x":[{}]}'))).toBeUndefined();
    }
  });

  it('calls malformed only what JSON.parse refuses, and judges the rest as a plain reading does', () => {
    fc.assert(
      fc.property(mutated, (text) => {
        const fault = scan(text);
        const shape = shapeOf(text);
        if (shape === undefined) return;
        expect([...shape.faults].length === 0 ? [undefined] : [...shape.faults]).toContain(fault);
      }),
      { numRuns: 20_000 },
    );
  });

  it('counts depth, keys and items as a plain reading does', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 6 }), (text) => {
        const shape = shapeOf(text) as Shape;
        fc.pre(shape.faults.size === 0);
        const exact = { maxDepth: Math.max(1, shape.depth), maxKeys: shape.keys, maxItems: shape.items };
        expect(scan(text, exact)).toBeUndefined();
        if (shape.depth > 1) expect(scan(text, { ...exact, maxDepth: shape.depth - 1 })).toBe('depth');
        if (shape.keys > 0) expect(scan(text, { ...exact, maxKeys: shape.keys - 1 })).toBe('keys');
        if (shape.items > 0) expect(scan(text, { ...exact, maxItems: shape.items - 1 })).toBe('items');
      }),
      { numRuns: 2_000 },
    );
  });
});

/** JSON with a taste for trouble, then broken in a few places. */
const key = fc.constantFrom(
  '"a"',
  '"b"',
  '"\\u0061"',
  '"constructor"',
  '"prototype"',
  '"__proto__"',
  '"\\ud83d\\ude00"',
  '"😀"',
  '"a\\u0000"',
  '""',
);
const leaf = fc.constantFrom(
  `"${'long '.repeat(20)}\\"${'long '.repeat(20)}"`,
  '1',
  '-0.5e3',
  '9007199254740993',
  '1e400',
  '"x"',
  '"\\"{"',
  '"\\ud800"',
  'true',
  'null',
  '[]',
  '{}',
);
const { value } = fc.letrec<{ value: string; array: string; object: string }>((tie) => ({
  value: fc.oneof({ maxDepth: 5 }, { weight: 3, arbitrary: leaf }, tie('array'), {
    weight: 2,
    arbitrary: tie('object'),
  }),
  array: fc.array(tie('value'), { maxLength: 3 }).map((items) => `[${items.join(' , ')}]`),
  object: fc
    .array(fc.tuple(key, tie('value')), { maxLength: 4 })
    .map((members) => `{${members.map(([name, held]) => `${name}: ${held}`).join()}}`),
}));
const change = fc.tuple(
  fc.nat(),
  fc.constantFrom('', '"', '\\', '{', '}', '[', ']', ',', ':', '0', 'e', 'u', ' ', 'é'),
);
const mutated = fc.tuple(value, fc.array(change, { maxLength: 3 })).map(([text, changes]) => {
  let out = text;
  for (const [place, put] of changes) {
    const at = place % (out.length + 1);
    out = out.slice(0, at) + put + out.slice(at + (place % 2));
  }
  // A surrogate pair cut in half is not UTF-8, and so never comes here.
  return Buffer.from(out).toString();
});
