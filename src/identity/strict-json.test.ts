import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseObject } from './strict-json.ts';

const bytes = (text: string) => Buffer.from(text);

test('reads any object that JSON.stringify writes', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 5 })), (value) => {
      const text = JSON.stringify(value);
      expect(parseObject(bytes(text))).toEqual(JSON.parse(text));
    }),
  );
});

test.each([
  ['a member twice', '{"a":1,"a":2}'],
  ['a member twice, once escaped', '{"a":1,"\\u0061":2}'],
  ['a member twice, deep', '{"x":[{"a":1,"b":{},"a":2}]}'],
  ['two prototypes', '{"__proto__":1,"__proto__":2}'],
  ['an array', '[]'],
  ['null', 'null'],
  ['a string', '"a"'],
  ['two values', '{}{}'],
  ['a byte order mark', '\ufeff{}'],
  ['nothing', ''],
  ['33 levels', `{"a":${'['.repeat(32)}${']'.repeat(32)}}`],
])('refuses %s', (_, text) => {
  expect(parseObject(bytes(text))).toBeUndefined();
});

test('refuses bytes that are not UTF-8', () => {
  expect(parseObject(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]))).toBeUndefined();
});

test('is not misled by colons and brackets in strings', () => {
  expect(parseObject(bytes('{"a:{[":"\\":\\\\"}'))).toEqual({ 'a:{[': '":\\' });
});
