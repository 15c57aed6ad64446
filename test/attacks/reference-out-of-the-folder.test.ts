// JS-18
import { expect, it } from 'vitest';
import { schema } from '../../src/guards/schema.ts';
import { buildGuard, fakeContext } from '../support/guard.ts';
import { FakeFiles } from '../support/schema-files.ts';

function load(reference: string, more: Record<string, unknown> = {}) {
  const files = new FakeFiles({
    'schemas/chat.json': {
      type: 'object',
      properties: { a: { $ref: reference } },
      additionalProperties: false,
    },
    'secret.json': { type: 'string' },
    '/etc/passwd': { type: 'string' },
    ...more,
  });
  const context = fakeContext(files.context());
  const build = () => buildGuard(schema, { messages: { schemas: 'schemas/chat.json' } }, context);
  return { build, files };
}

it.each([
  'http://example.com/room.json',
  'HTTPS://example.com/room.json',
  '//example.com/room.json',
  'file:///etc/passwd',
  'data:application/json,true',
  'urn:example:room',
  '/etc/passwd',
  '../secret.json',
  '%2e%2e/secret.json',
  '..%2fsecret.json',
  'x/../../secret.json',
  './../schemas/../secret.json',
])('%s is refused at load, and nothing is read', (reference) => {
  const { build, files } = load(reference);
  expect(build).toThrow(/never followed|may not leave the folder/);
  expect(files.read).toEqual(['schemas/chat.json']);
});

it.each([
  ['itself', '#/properties/a', {}],
  [
    'itself, by a long way',
    'b.json',
    { 'schemas/b.json': { allOf: [{ $ref: 'c.json' }] }, 'schemas/c.json': { if: { $ref: 'b.json' } } },
  ],
])('a $ref that leads to %s never ends, and does not load', (_, reference, more) => {
  expect(load(reference, more).build).toThrow(/never end/);
});

it.each(['$dynamicRef', '$recursiveRef', '$dynamicAnchor'])('%s does not load', (keyword) => {
  const { build } = load('b.json', { 'schemas/b.json': { [keyword]: '#a' } });
  expect(build).toThrow(/dynamic references are not followed/);
});

it('a neighbour is read once, whoever refers to it', () => {
  const { build, files } = load('b.json', {
    'schemas/b.json': {
      type: 'object',
      properties: { b: { $ref: './b.json' } },
      additionalProperties: false,
    },
  });
  build();
  expect(files.read).toEqual(['schemas/chat.json', 'schemas/b.json']);
});
