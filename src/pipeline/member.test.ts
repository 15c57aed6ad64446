import { expect, it } from 'vitest';
import { memberReader } from './member.ts';

it.each([
  'type',
  '_id',
  'class', // a reserved word may be a member
  'eventType2',
  'x'.repeat(64),
  'x'.repeat(65),
  'content-type',
  '2nd',
  '',
  'größe',
  'a.b',
  'a;throw 1',
  'a\n',
  '"]',
])('reads the member %j of any holder', (name) => {
  const read = memberReader(name);
  expect(read({ [name]: 1 })).toBe(1);
  expect(read({ other: 1, [name]: [name] })).toEqual([name]);
  expect(read({ a: { b: 2 } })).toBeUndefined();
});
