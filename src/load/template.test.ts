import { describe, expect, it } from 'vitest';
import { templateOf } from './template.ts';

const scope = { user: 7, serial: 36, process: 1 };

describe('a message template', () => {
  it.each([
    ['{"type":"chat.send","id":"{id}"}', '{"type":"chat.send","id":"1-10"}'],
    ['{user} {serial}', '7 36'],
    ['{text:5}{text:0}|', 'abcde|'],
    ['{{}} {"a":{}}', '{{}} {"a":{}}'],
    ['', ''],
  ])('%s becomes %s', (template, expected) => {
    expect(templateOf(template)(scope)).toBe(expected);
  });

  it('picks and counts within what it was given', () => {
    const seen = new Set(Array.from({ length: 300 }, () => templateOf('{pick:a|b}{number:1-3}')(scope)));
    expect([...seen].sort()).toEqual(['a1', 'a2', 'a3', 'b1', 'b2', 'b3']);
  });

  it.each(['{nothing}', '{text:x}', '{text:99999999}', '{number:3-1}', '{pick:a}'])(
    'refuses %s',
    (template) => {
      expect(() => templateOf(template)).toThrow(/is no variable/);
    },
  );
});
