import { describe, expect, it } from 'vitest';
import { NameTable, serverName } from './names.ts';

describe('NameTable', () => {
  const table = new NameTable<number>();
  table.add('a.example', 1);
  table.add('*.example', 2);
  table.add('a.example', 3);
  table.add('*.b.example', 4);

  it.each([
    ['a.example', 1],
    ['c.example', 2],
    ['x.b.example', 4],
    ['b.example', 2],
    ['x.y.b.example', undefined],
    ['example', undefined],
    ['.example', undefined],
    ['', undefined],
    ['__proto__', undefined],
  ])('finds %j: %j', (name, value) => {
    expect(table.find(name)).toBe(value);
  });

  it('asks for names in lower case and without one trailing dot', () => {
    expect(serverName('SECURE.Test.')).toBe('secure.test');
    expect(serverName('secure.test..')).toBe('secure.test.');
  });
});
