// JS-29: a valid message with one byte changed, many times over. The gateway says what a second validator says.
import {
  validate as compileDraft07,
  registerSchema as registerDraft07,
} from '@hyperjump/json-schema/draft-07';
import {
  validate as compile2020,
  registerSchema,
  setShouldValidateFormat,
} from '@hyperjump/json-schema/draft-2020-12';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { json } from '../../src/dialects/json.ts';
import { schema as schemaGuard } from '../../src/guards/schema.ts';
import type { Message } from '../../src/pipeline/message.ts';
import { buildGuard, codeOf, fakeConnection, fakeContext, fakePayload } from '../support/guard.ts';
import { FakeFiles } from '../support/schema-files.ts';

const DRAFT_07 = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  type: 'object',
  required: ['type', 'id', 'to'],
  properties: {
    type: { const: 'chat.send' },
    id: { type: 'integer', minimum: 1, maximum: 999 },
    to: { oneOf: [{ $ref: '#/definitions/room' }, { $ref: '#/definitions/person' }] },
    at: { type: 'number', multipleOf: 0.5 },
    tags: { type: 'array', items: { enum: ['a', 'b', 'ab'] }, uniqueItems: true, maxItems: 3 },
    pair: { type: 'array', items: [{ type: 'string' }, { type: 'boolean' }], additionalItems: false },
    reply: { type: ['null', 'object'], propertyNames: { pattern: '^[a-c]+$' }, minProperties: 1 },
  },
  if: { required: ['reply'] },
  // biome-ignore lint/suspicious/noThenProperty: it is a keyword of JSON Schema
  then: { required: ['at'] },
  dependencies: { tags: ['at'] },
  patternProperties: { '^x-': { type: 'string', maxLength: 4 } },
  additionalProperties: false,
  definitions: {
    room: { type: 'string', pattern: '^#[a-z]{1,8}(-[0-9]+)?$' },
    person: { type: 'string', pattern: '^@[^ .]+$' },
  },
};

const DRAFT_2020 = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object',
  required: ['type', 'node'],
  properties: {
    type: { enum: ['tree', 'tres'] },
    node: { $ref: '#/$defs/node' },
    row: { $ref: '#/$defs/row' },
  },
  dependentRequired: { row: ['extra'] },
  dependentSchemas: { extra: { properties: { extra: { type: 'string', minLength: 1 } } } },
  allOf: [{ properties: { extra: { type: 'string' } } }],
  unevaluatedProperties: false,
  $defs: {
    node: {
      type: 'object',
      properties: {
        v: { type: ['integer', 'string'] },
        kids: { type: 'array', items: { $ref: '#/$defs/node' } },
      },
      not: { required: ['dead'] },
      anyOf: [{ required: ['v'] }, { required: ['kids'] }],
    },
    row: {
      type: 'array',
      prefixItems: [{ const: 0 }, { type: 'number', exclusiveMinimum: 0 }],
      contains: { const: 1 },
      minContains: 1,
      maxContains: 2,
      items: { type: 'integer' },
    },
  },
};

const UNEVALUATED = {
  type: 'object',
  properties: {
    type: { type: 'string' },
    row: {
      type: 'array',
      anyOf: [{ prefixItems: [{ const: 0 }] }, { prefixItems: [{ type: 'string' }, { type: 'boolean' }] }],
      unevaluatedItems: { type: 'integer' },
    },
    one: {
      oneOf: [{ $ref: '#/$defs/a' }, { $ref: '#/$defs/b' }],
      type: 'object',
      unevaluatedProperties: { type: 'null' },
    },
  },
  if: { properties: { type: { const: 'ab' } } },
  // biome-ignore lint/suspicious/noThenProperty: it is a keyword of JSON Schema
  then: { properties: { b: { type: 'integer' } } },
  else: { properties: { a: { type: 'integer' } } },
  unevaluatedProperties: false,
  $defs: {
    a: { type: 'object', required: ['a'], properties: { a: { type: 'integer' } } },
    b: { type: 'object', required: ['b'], properties: { b: { type: 'integer' } } },
  },
};

const SEEDS_UNEVALUATED = [
  { type: 'ab', row: [0, 1, 2], b: 1 },
  { type: 'a', row: ['a', true, 1], a: 5, one: { a: 1, x: null } },
  { type: 'x', row: [0], one: { b: 1, ab: null } },
];

const SEEDS_07 = [
  { type: 'chat.send', id: 12, to: '#lobby-7', at: 1.5, tags: ['a', 'b'], 'x-a': 'abc' },
  { type: 'chat.send', id: 7, to: '@ada', pair: ['a', true], reply: { a: 1, bc: 2 }, at: 3 },
  { type: 'chat.send', id: 999, to: '#a', reply: null, at: 0, 'x-': '' },
];
const SEEDS_2020 = [
  { type: 'tree', node: { v: 1, kids: [{ v: 'a' }, { kids: [] }] } },
  { type: 'tree', node: { kids: [{ v: 2, kids: [] }] }, extra: 'e', row: [0, 1, 1, 5] },
];

type Oracle = (value: unknown) => boolean;

/** What the gateway says of a text: as a message, `pass` or a code. */
function gateway(schema: unknown): (text: string) => string {
  const dialect = json.create({}, fakeContext());
  const guard = buildGuard(
    schemaGuard,
    { messages: { schemas: 'a.json' } },
    fakeContext(new FakeFiles({ 'a.json': schema }).context()),
  )!;
  const connection = fakeConnection();
  return (text) => {
    const read = dialect.read(fakePayload(text), connection);
    return 'pass' in read ? 'unreadable' : codeOf(guard.onMessage!(read as Message, connection));
  };
}

/** Bytes that JSON is made of, and that the schemas above tell apart. */
const BYTES = [...'{}[]",:.-+eE0123456789 #@abxtruefalsn\\'];

/** A message of the seeds with up to three bytes replaced, removed, doubled or swapped with the next. */
function mutants(seeds: readonly unknown[]): fc.Arbitrary<string> {
  const change = fc.record({
    how: fc.constantFrom('replace', 'remove', 'insert', 'swap'),
    at: fc.nat(200),
    byte: fc.constantFrom(...BYTES),
  });
  return fc
    .tuple(fc.constantFrom(...seeds), fc.array(change, { minLength: 1, maxLength: 3 }))
    .map(([seed, changes]) =>
      changes.reduce((text, { how, at, byte }) => {
        const i = at % text.length;
        if (how === 'swap') return text.slice(0, i) + (text[i + 1] ?? '') + text[i] + text.slice(i + 2);
        if (how === 'insert') return text.slice(0, i) + byte + text.slice(i);
        return text.slice(0, i) + (how === 'replace' ? byte : '') + text.slice(i + 1);
      }, JSON.stringify(seed)),
    );
}

describe.each([
  ['draft-07', DRAFT_07, SEEDS_07],
  ['2020-12', DRAFT_2020, SEEDS_2020],
  ['2020-12 with what is left over', UNEVALUATED, SEEDS_UNEVALUATED],
])('%s', (draft, schema, seeds) => {
  const judge = gateway(schema);
  let oracle: Oracle;

  beforeAll(async () => {
    setShouldValidateFormat(true);
    const uri = `https://test.invalid/${encodeURIComponent(draft)}`;
    if (draft === 'draft-07') registerDraft07(schema as never, uri);
    else registerSchema(schema as never, uri, 'https://json-schema.org/draft/2020-12/schema');
    const check = await (draft === 'draft-07' ? compileDraft07(uri) : compile2020(uri));
    oracle = (value) => check(value as never).valid;
  });

  it('takes the messages that are valid', () => {
    for (const seed of seeds) {
      expect(oracle(seed)).toBe(true);
      expect(judge(JSON.stringify(seed))).toBe('pass');
    }
  });

  it('agrees with a second validator on 10 000 that are changed', () => {
    const count = { pass: 0, schema_invalid: 0, unreadable: 0 };
    fc.assert(
      fc.property(mutants(seeds), (text) => {
        const said = judge(text);
        count[said as keyof typeof count]++;
        expect(said, text).toBe(expected(text, oracle));
      }),
      { numRuns: 10_000 },
    );
    // a test of mutants that were all unreadable would show nothing
    expect(count.pass).toBeGreaterThan(100);
    expect(count.schema_invalid).toBeGreaterThan(1_000);
  }, 60_000);
});

function expected(text: string, oracle: Oracle): string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'unreadable';
  }
  return oracle(value) ? 'pass' : 'schema_invalid';
}
