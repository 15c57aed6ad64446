// JS-27
import { expect, it } from 'vitest';
import { Guarded } from '../support/guarded.ts';
import { text } from '../support/raw-frames.ts';

const fragments = Array.from(
  { length: 60 },
  (_, i) => `fragment F${i} on Q { ...F${i + 1} ...F${i + 1} }`,
).join(' ');

it.each([
  ['50 levels', `{ ${'a { '.repeat(49)}a${' }'.repeat(50)}`],
  ['1000 aliases', `{ ${Array.from({ length: 1_000 }, (_, i) => `x${i}: a`).join(' ')} }`],
  ['1000 fields', `{ ${'a '.repeat(1_000)} }`],
  ['fragments that double 60 times', `{ ...F0 } ${fragments} fragment F60 on Q { a }`],
  ['a fragment in itself', '{ ...F } fragment F on Q { a { ...F } }'],
  ['10^4 directives', `{ a ${'@b '.repeat(10_000)} }`],
  ['levels that no stack holds', '{a'.repeat(30_000)],
  ['introspection', 'query { __schema { types { fields { type { name } } } } }'],
  ['introspection by another name', 'query { me: __type(name: "User") { name } }'],
])('refuses %s with an error of the operation', async (_, query) => {
  const pair = new Guarded({ dialect: { 'graphql-transport-ws': {} } }).connect();
  pair.client.send(text(JSON.stringify({ id: '7', type: 'subscribe', payload: { query } })));
  const answer = JSON.parse((await pair.client.nextOf('text')).payload.toString());
  expect(answer).toMatchObject({
    id: '7',
    type: 'error',
    payload: [{ message: expect.stringMatching(/query: /) }],
  });
  expect(pair.upstream.received).toEqual([]);
  pair.end();
});
