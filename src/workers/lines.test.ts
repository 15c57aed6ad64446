import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Lines } from './lines.ts';

describe('lines', () => {
  it('are passed on whole, however they come, and what is not whole is not', () => {
    const text = fc.array(fc.string().map((line) => `${line.replaceAll('\n', '')}é\n`));
    fc.assert(
      fc.property(text, fc.string(), fc.array(fc.nat(40)), (lines, rest, cuts) => {
        const passed: string[] = [];
        const writer = new Lines((each, next) => {
          passed.push(each);
          next();
        });
        let bytes = Buffer.from(lines.join('') + rest.replaceAll('\n', ''));
        for (const cut of cuts) {
          writer.write(bytes.subarray(0, cut));
          bytes = bytes.subarray(cut);
        }
        writer.end(bytes);
        expect(passed.every((each) => each.endsWith('\n'))).toBe(true);
        expect(passed.join('')).toBe(lines.join(''));
      }),
    );
  });

  it('wait until there is room', () => {
    const waiting: (() => void)[] = [];
    const writer = new Lines((_lines, next) => waiting.push(next));
    let written = 0;
    for (let i = 0; i < 3; i++) writer.write('line\n', () => written++);
    expect(waiting).toHaveLength(1);
    waiting[0]?.();
    expect(waiting.length).toBe(2);
  });

  it('are dropped if they are without an end', () => {
    const passed: string[] = [];
    const writer = new Lines((each, next) => {
      passed.push(each);
      next();
    });
    for (let i = 0; i < 20; i++) writer.write('x'.repeat(100_000));
    writer.write('\nnext\n');
    expect(passed).toEqual(['next\n']);
  });
});
