// JS-16: CVE-2025-69873, a pattern that the message brings along.
import { expect, it } from 'vitest';
import { schemaRoute } from '../support/schema-route.ts';

it.each([
  ['pattern', { $data: '/how' }],
  ['format', { $data: '/how' }],
  ['maxLength', { $data: '1/how' }],
  ['const', { $data: '/how' }],
])('does not let a schema take its %s from the message', (keyword, value) => {
  const schema = {
    type: 'object',
    properties: { type: true, text: { type: 'string', [keyword]: value }, how: true },
  };
  const load = () => schemaRoute({ 'chat.send': schema });
  if (keyword !== 'const') expect(load).toThrow(/must be/);
  else expect(load).not.toThrow();
});

it('takes a $data for the plain value that it is', async () => {
  const schema = {
    type: 'object',
    properties: { type: true, text: { const: { $data: '/how' } }, how: true },
    additionalProperties: false,
  };
  const pair = schemaRoute({ 'chat.send': schema }).connect();
  await pair.refuses('{"type":"chat.send","text":"x","how":"x"}', 'schema_invalid');
  pair.end();
});
