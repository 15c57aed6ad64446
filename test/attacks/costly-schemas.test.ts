// JS-19: messages made to be dear to check. Without the meter the first three would take hours.
import { expect, it } from 'vitest';
import { schemaRoute } from '../support/schema-route.ts';

const wide = { messages: { maxBytes: '1MiB', maxDepth: 64, maxKeys: 100_000, maxItems: 100_000 } };

/** Wrong at its innermost place alone. */
function nested(levels: number): string {
  return `{"type":"chat.send",${'"c":{'.repeat(levels)}"c":1${'}'.repeat(levels)}}`;
}

it('a tree through alternatives, which doubles at every level', async () => {
  const node = { $ref: '#/$defs/node' };
  const one = { type: 'object', properties: { c: node }, additionalProperties: false };
  const schema = {
    type: 'object',
    properties: { type: true, c: node },
    $defs: { node: { anyOf: [one, { ...one, maxProperties: 1 }] } },
  };
  const pair = schemaRoute({ 'chat.send': schema }, wide).connect();
  await pair.refuses(nested(50), 'schema_invalid');
  expect(await pair.send('{"type":"chat.send","c":{"c":{"c":{}}}}')).toBe('pass');
  pair.end();
});

it('definitions that double, without any recursion', async () => {
  const twice = (next: string) => ({ anyOf: [{ $ref: next }, { $ref: next }] });
  const $defs = Object.fromEntries(
    Array.from({ length: 40 }, (_, i) => [`d${i}`, twice(`#/$defs/d${i + 1}`)]),
  );
  const schema = {
    type: 'object',
    properties: { type: true, a: { $ref: '#/$defs/d0' } },
    $defs: { ...$defs, d40: { type: 'null' } },
  };
  const pair = schemaRoute({ 'chat.send': schema }).connect();
  await pair.refuses('{"type":"chat.send","a":1}', 'schema_invalid');
  pair.end();
});

it('hundreds of alternatives for each of many items', async () => {
  const anyOf = Array.from({ length: 300 }, (_, i) => ({ type: 'object', required: [`k${i}`] }));
  const schema = { type: 'object', properties: { type: true, list: { type: 'array', items: { anyOf } } } };
  const pair = schemaRoute({ 'chat.send': schema }, wide).connect();
  const refused = JSON.stringify({ type: 'chat.send', list: Array(50_000).fill({ k299: 1 }) });
  await pair.refuses(refused, 'schema_invalid');
  expect(await pair.send('{"type":"chat.send","list":[{"k299":1},{"k0":1}]}')).toBe('pass');
  pair.end();
});

it('unique objects, each to be told from each', async () => {
  const schema = { type: 'object', properties: { type: true, list: { type: 'array', uniqueItems: true } } };
  const pair = schemaRoute({ 'chat.send': schema }, wide).connect();
  const list = Array.from({ length: 20_000 }, (_, i) => ({ a: i }));
  expect(await pair.send(JSON.stringify({ type: 'chat.send', list }))).toBe('pass');
  await pair.refuses(JSON.stringify({ type: 'chat.send', list: [...list, { a: 0 }] }), 'schema_invalid');
  pair.end();
});

it('many long texts for a pattern that is not simple', async () => {
  const schema = {
    type: 'object',
    properties: { type: true, list: { type: 'array', items: { type: 'string', pattern: '(x+x+)+y' } } },
  };
  const pair = schemaRoute({ 'chat.send': schema }, wide).connect();
  await pair.refuses(
    JSON.stringify({ type: 'chat.send', list: Array(200).fill(`${'x'.repeat(5_000)}y`) }),
    'schema_invalid',
  );
  pair.end();
});
