// JS-03
import { expect, it } from 'vitest';
import { schemaRoute } from '../support/schema-route.ts';

const send = {
  type: 'object',
  required: ['type', 'id', 'text'],
  properties: {
    type: { const: 'chat.send' },
    id: { type: 'integer' },
    text: { type: 'string' },
    loud: { type: 'boolean' },
  },
  additionalProperties: false,
};
const route = () =>
  schemaRoute(
    { 'chat.send': send },
    {
      dialect: {
        json: { type: '/type', id: '/id', refusal: '{"refused":{code},"retryAfter":{retryAfter}}' },
      },
    },
  ).connect();

it.each([
  ['a list for the type', '{"type":["chat.send"],"id":1,"text":"a"}', 'message_malformed'],
  ['an object for the id', '{"type":"chat.send","id":{"$gt":""},"text":"a"}', 'message_malformed'],
  ['text that looks like a number', '{"type":"chat.send","id":"1","text":"a"}', 'schema_invalid'],
  ['true for text', '{"type":"chat.send","id":1,"text":true}', 'schema_invalid'],
  ['a number for text', '{"type":"chat.send","id":1,"text":5}', 'schema_invalid'],
  ['a list of one text for text', '{"type":"chat.send","id":1,"text":["a"]}', 'schema_invalid'],
  ['null for text', '{"type":"chat.send","id":1,"text":null}', 'schema_invalid'],
  ['one for true', '{"type":"chat.send","id":1,"text":"a","loud":1}', 'schema_invalid'],
  ['a text for true', '{"type":"chat.send","id":1,"text":"a","loud":"true"}', 'schema_invalid'],
] as const)('refuses %s', async (_, message, code) => {
  const pair = route();
  await pair.refuses(message, code);
  pair.end();
});

it('lets the right types pass', async () => {
  const pair = route();
  expect(await pair.send('{"type":"chat.send","id":1,"text":"a","loud":true}')).toBe('pass');
  pair.end();
});
