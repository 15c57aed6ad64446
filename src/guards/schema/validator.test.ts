import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fakeContext } from '../../../test/support/guard.ts';
import { FakeFiles } from '../../../test/support/schema-files.ts';
import { ContractLoader } from './contract.ts';
import { allUnique } from './unique-items.ts';

const D7 = 'http://json-schema.org/draft-07/schema#';
const D2020 = 'https://json-schema.org/draft/2020-12/schema';

function load(schema: unknown, more: Record<string, unknown> = {}) {
  const loader = new ContractLoader(fakeContext(new FakeFiles({ 's/a.json': schema, ...more }).context()));
  const contract = loader.load('s/a.json', []);
  return { loader, contract, problem: loader.problems[0] };
}

function judge(schema: unknown, value: unknown, more?: Record<string, unknown>): string {
  const { contract, problem } = load(schema, more);
  if (problem) throw new Error(problem.message);
  return contract.client.every!(value)?.reason ?? 'pass';
}

describe('a validator', () => {
  it('reads the draft that a file declares, 2020-12 where it declares none', () => {
    const pair = { prefixItems: [{ type: 'string' }], type: 'array' };
    expect(judge({ $schema: D2020, ...pair }, [1])).toBe('/0 must be string');
    expect(judge(pair, [1])).toBe('/0 must be string');
    expect(judge({ $schema: D7, type: 'array', items: [{ type: 'string' }] }, [1])).toBe('/0 must be string');
    expect(load({ $schema: D7, ...pair }).problem?.message).toBe(
      'prefixItems is no keyword of JSON Schema draft-07',
    );
    expect(load({ $schema: 'http://json-schema.org/draft-04/schema#' }).problem?.message).toMatch(
      /neither draft-07 nor/,
    );
  });

  it('sees what was sent and nothing of the prototype', () => {
    const schema = {
      type: 'object',
      required: ['toString'],
      properties: { constructor: { type: 'string' } },
    };
    expect(judge(schema, {})).toBe("/ must have required property 'toString'");
    expect(judge(schema, { toString: 1 })).toBe('pass');
    const closed = { type: 'object', properties: { a: true }, additionalProperties: false };
    expect(judge(closed, JSON.parse('{"__proto__":1}'))).toBe('/ must NOT have additional properties');
  });

  it('changes nothing of what it judges', () => {
    const schema = {
      type: 'object',
      properties: { a: { type: 'number', default: 5 } },
      additionalProperties: true,
    };
    const value = { b: 1 };
    expect(judge(schema, value)).toBe('pass');
    expect(value).toEqual({ b: 1 });
  });

  it('counts tenths as people do', () => {
    expect(judge({ type: 'number', multipleOf: 0.1 }, 0.3)).toBe('pass');
    expect(judge({ type: 'number', multipleOf: 0.1 }, 0.35)).toMatch(/multiple of/);
  });

  it('names the choice, not each alternative that failed', () => {
    const schema = { anyOf: [{ type: 'string' }, { type: 'object', required: ['a'] }] };
    expect(judge(schema, {})).toBe('/ must match a schema in anyOf');
  });

  it('cuts and cleans a place made of names that were sent', () => {
    const schema = { type: 'object', additionalProperties: { type: 'string' } };
    expect(judge(schema, { 'a\n"b': 1 })).toBe('/a??b must be string');
    expect(judge(schema, { ['x'.repeat(5_000)]: 1 })).toHaveLength(100 + ' must be string'.length);
  });

  it('follows recursion into the message', () => {
    const tree = {
      type: 'object',
      properties: { next: { $ref: '#' }, list: { type: 'array', items: { $ref: '#/properties/next' } } },
      additionalProperties: false,
    };
    expect(judge(tree, { next: { list: [{ next: {} }] } })).toBe('pass');
    expect(judge(tree, { next: { list: [{ x: 1 }] } })).toBe(
      '/next/list/0 must NOT have additional properties',
    );
  });

  it('finds anchors, in its own file and in neighbours', () => {
    const room = { $defs: { r: { $anchor: 'room', type: 'string' } } };
    const schema = {
      type: 'object',
      properties: { a: { $ref: '#own' }, b: { $ref: 'room.json#room' } },
      $defs: { o: { $anchor: 'own', type: 'null' } },
    };
    expect(judge(schema, { a: 1 }, { 's/room.json': room })).toBe('/a must be null');
    expect(judge(schema, { b: 1 }, { 's/room.json': room })).toBe('/b must be string');
  });

  it.each([
    ['a misspelt keyword', { type: 'object', requierd: ['a'] }, /requierd is no keyword/],
    ['a keyword of another type', { type: 'string', minimum: 5 }, /minimum/],
    ['a schema that is a list', { properties: { a: [] } }, /a schema is an object, true or false/],
    ['an empty schema', {}, /describes nothing/],
    ['true', true, /describes nothing/],
    ['false', false, /no message can satisfy this/],
    ['definitions alone', { definitions: { a: { type: 'string' } } }, /describes nothing/],
    [
      'what draft-07 would not read',
      { $schema: D7, properties: { a: { $ref: '#', maxLength: 5 } } },
      /ignores what stands beside/,
    ],
    ['a draft that changes on the way', { $ref: 'old.json' }, /leads from 2020-12 to draft-07/],
    [
      '$data',
      { type: 'object', properties: { a: { type: 'string', maxLength: { $data: '/b' } } } },
      /maxLength must be integer/,
    ],
    [
      'contains beside unevaluatedItems',
      { type: 'array', contains: { const: 1 }, unevaluatedItems: false },
      /not supported in a schema that uses contains/,
    ],
    ['a dynamic reference', { $dynamicRef: '#a' }, /dynamic references are not followed/],
    ['an asynchronous schema', { $async: true, type: 'object' }, /checked synchronously/],
    ['the keyword of the meter', { type: 'object', 'sallyport-cost': 0 }, /is no keyword/],
    ['a keyword from the prototype', { type: 'object', toString: 1 }, /toString is no keyword/],
  ])('does not come of %s', (_, schema, message) => {
    const { problem } = load(schema, { 's/old.json': { $schema: D7, type: 'string' } });
    expect(problem?.message).toMatch(message);
  });
});

describe('maxLength and minLength', () => {
  it('count code points, not UTF-16 units', () => {
    const bounds = fc.tuple(fc.nat(4), fc.nat(4), fc.constantFrom(D7, D2020));
    const text = fc.array(fc.constantFrom('a', '😀', '\ud83d', '\ude00'), { maxLength: 9 });
    fc.assert(
      fc.property(bounds, fc.array(text), ([minLength, maxLength, $schema], texts) => {
        const { every } = load({ $schema, type: 'string', minLength, maxLength }).contract.client;
        for (const value of texts.map((parts) => parts.join(''))) {
          const count = [...value].length;
          const expected =
            count > maxLength
              ? `/ must NOT have more than ${maxLength} characters`
              : count < minLength
                ? `/ must NOT have fewer than ${minLength} characters`
                : undefined;
          expect(every!(value)?.reason).toBe(expected);
        }
      }),
    );
  });
});

describe('uniqueItems', () => {
  it('is what comparing each with each would say', () => {
    const scalar = fc.oneof(fc.constantFrom('a', '[1]', '{"a":1}', 1, true, null, 'null', '1'));
    const item = fc.oneof(
      scalar,
      fc.array(scalar, { maxLength: 2 }),
      fc.dictionary(fc.constantFrom('a', 'b'), scalar, { noNullPrototype: true }),
    );
    fc.assert(
      fc.property(fc.array(item, { maxLength: 5 }), (items) => {
        const equal = items.some((a, i) => items.slice(0, i).some((b) => same(a, b)));
        expect(allUnique(items)).toBe(!equal);
      }),
    );
  });

  it('ignores the order of members, at any depth', () => {
    expect(judge({ type: 'array', uniqueItems: true }, [{ a: { x: 1, y: 2 } }, { a: { y: 2, x: 1 } }])).toBe(
      '/ must NOT have duplicate items',
    );
    expect(judge({ type: 'array', uniqueItems: false }, [1, 1])).toBe('pass');
  });
});

function same(a: unknown, b: unknown): boolean {
  try {
    expect(a).toStrictEqual(b);
    return true;
  } catch {
    return false;
  }
}
