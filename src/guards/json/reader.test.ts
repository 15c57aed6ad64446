import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonLimits } from './limits.ts';
import { JsonReader } from './reader.ts';
import { JsonScanner } from './scan.ts';

const LIMITS: JsonLimits = {
  maxDepth: 5,
  maxKeys: 12,
  maxItems: 12,
  allowDuplicates: false,
  allowInexact: false,
};

const isPlain = (text: string) => /^[ -~]*$/.test(text) && !text.includes('\\');
const read = (text: string, reader = new JsonReader(LIMITS)) => reader.read(Buffer.from(text), text);

/** What the scanner and the parser make of it; undefined if they refuse. */
function slowly(text: string): unknown {
  if (new JsonScanner(LIMITS).scan(Buffer.from(text)) !== undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const { value: common } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.oneof(fc.integer(), fc.constantFrom(0, -0.5, 12.75, true, false, null), fc.string({ maxLength: 20 })),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.constantFrom('a', 'b', 'type', '0', '1', ''), tie('value'), { maxKeys: 4 }),
  ),
}));

/** JSON with blanks here and there, and now and then a piece too many or too few. */
const texts = fc
  .tuple(
    fc.oneof(common, fc.jsonValue({ maxDepth: 3 })),
    fc.nat(2),
    fc.option(fc.tuple(fc.nat(), piece(), fc.nat(3))),
  )
  .map(([value, blanks, damage]) => {
    const text = JSON.stringify(value, null, blanks).replaceAll('\n', ' ');
    if (!damage) return text;
    const [place, inserted, removed] = damage;
    const at = place % (text.length + 1);
    return text.slice(0, at) + inserted + text.slice(at + removed);
  })
  .filter(isPlain);

function piece() {
  const tokens = ['{', '}', '[', ']', ',', ':', '"', '"a":1,', '"__proto__":', '"constructor":', ' ', 'true'];
  return fc.constantFrom(
    ...tokens,
    '-',
    '-0',
    '0',
    '01',
    '1.5',
    '.',
    '1e5',
    '9007199254740993',
    '1234567890123456',
  );
}

describe('a JSON reader', () => {
  it('says yes only where scanner and parser do, and then the same value', () => {
    const reader = new JsonReader(LIMITS);
    let yes = 0;
    fc.assert(
      fc.property(texts, (text) => {
        const value = read(text, reader);
        if (value === undefined) return;
        yes++;
        expect(value).toStrictEqual(slowly(text));
        expect(JSON.stringify(value)).toBe(JSON.stringify(slowly(text)));
      }),
      { numRuns: 5_000 },
    );
    expect(yes).toBeGreaterThan(1_000);
  });

  it.each([
    '{"type":"chat.send","id":"m1","room":"lobby","text":"Hello there, how are you?"}',
    ' { "x" : [ 1 , -2.5 , 0 , -0 , 0.25 , 123456789012345 ] , "y" : { } , "z" : [ ] } ',
    '[true,false,null,"",{"a":{"a":{"a":1}}}]',
    '{"1":1,"0":2,"b":3}',
    `"${'long '.repeat(100)}"`,
  ])('reads %s', (text) => {
    expect(read(text)).toStrictEqual(JSON.parse(text));
  });

  it.each([
    ['a repeated key', '{"a":1,"b":2,"a":3}'],
    ['a key of the outer object again behind an inner one', '{"a":{"b":1},"b":2,"a":3}'],
    ['a key that reaches prototypes', '{"__proto__":{}}'],
    ['a deep text', '[[[[[[]]]]]]'],
    ['many keys', `{"a":{${Array.from({ length: 12 }, (_, i) => `"${i}":0`)}}}`],
    ['many items', `[[${Array(12).fill(0)}]]`],
    ['a number that rounds', '9007199254740993'],
    ['a number with an exponent', '1e3'],
    ['two texts', '{} {}'],
    ['a comma too many', '[1,]'],
    ['a member without a value', '{"a":}'],
    ['a literal cut short', 'tru'],
    ['a string without an end', '{"a":"b'],
    ['nothing', ''],
  ])('leaves %s to the scanner and the parser', (_, text) => {
    const reader = new JsonReader(LIMITS);
    for (let again = 0; again < 3; again++) expect(read(text, reader)).toBeUndefined();
  });

  it('knows a repeated key also in the text in which it forgets all keys', () => {
    const reader = new JsonReader({ ...LIMITS, maxKeys: 1e6 });
    for (let i = 0; i < 1_023; i++) read(`{"key${i}":0}`, reader);
    const repeats = '{"a":1,"b":2,"a":3}';
    for (let again = 0; again < 3; again++) expect(read(repeats, reader)).toBeUndefined();
    expect(read('{"b":1,"a":2}', reader)).toEqual({ b: 1, a: 2 });
  });
});
