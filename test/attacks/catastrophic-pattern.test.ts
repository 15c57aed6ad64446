// JS-15: with a backtracking engine none of these would end.
import { expect, it } from 'vitest';
import { schemaRoute } from '../support/schema-route.ts';

const EVIL = [
  '^(a+)+$',
  '^(a|aa)+$',
  '^(a|a)*$',
  '^(([a-z])+.)+[A-Z]([a-z])+$',
  '(a*)*b',
  '^a*a*a*a*a*a*$',
  '(x+x+)+y',
];

it.each(EVIL)('a value made for %s is judged at once', async (pattern) => {
  const schema = {
    type: 'object',
    properties: { type: true, text: { type: 'string', pattern } },
    additionalProperties: false,
  };
  const pair = schemaRoute({ 'chat.send': schema }).connect();
  await pair.refuses(`{"type":"chat.send","text":"${'a'.repeat(20_000)}!"}`, 'schema_invalid');
  pair.end();
});

it.each(EVIL)('a key made for %s is judged at once', async (pattern) => {
  const byPattern = {
    type: 'object',
    properties: { type: true },
    patternProperties: { [pattern]: true },
    additionalProperties: false,
  };
  const byName = { type: 'object', propertyNames: { pattern } };
  const pair = schemaRoute({ one: byPattern, two: byName }).connect();
  const key = `${'a'.repeat(20_000)}!`;
  await pair.refuses(JSON.stringify({ type: 'one', [key]: 1 }), 'schema_invalid');
  await pair.refuses(JSON.stringify({ type: 'two', [key]: 1 }), 'schema_invalid');
  pair.end();
});

it('a pattern that cannot run in linear time does not load', () => {
  const schema = { type: 'string', pattern: '^(?=(a+))\\1$' };
  expect(() => schemaRoute({ 'chat.send': schema })).toThrow(/pattern/);
});
