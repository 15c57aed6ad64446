// JS-20
import { expect, it } from 'vitest';
import { schema } from '../../src/guards/schema.ts';
import { createServices } from '../../src/store/services.ts';
import { buildGuard, fakeContext } from '../support/guard.ts';
import { Journal } from '../support/journal.ts';
import { FakeFiles } from '../support/schema-files.ts';

function warnings(written: unknown, more: Record<string, unknown> = {}) {
  const journal = new Journal();
  const files = new FakeFiles({ 's/chat.send.json': written, ...more });
  buildGuard(
    schema,
    { messages: { schemas: 's/' } },
    fakeContext({ ...files.context(), services: createServices(journal.record) }),
  );
  return journal.named('schema.open').map(({ route, file, type }) => ({ route, file, type }));
}

const told = [{ route: 'chat', file: 's/chat.send.json', type: 'chat.send' }];
const closed = { type: 'object', properties: { a: true }, additionalProperties: false };
const open = { type: 'object', properties: { a: true } };

it.each([
  ['at the top', open],
  ['in a member', { ...closed, properties: { a: open } }],
  ['in items', { type: 'array', items: open }],
  ['behind a reference', { ...closed, properties: { a: { $ref: '#/$defs/o' } }, $defs: { o: open } }],
])('says so of an object that does not say whether more may come: %s', (_, written) => {
  expect(warnings(written)).toEqual(told);
});

it.each([
  ['closed', closed],
  ['open on purpose', { ...open, additionalProperties: true }],
  ['closed as a whole', { ...open, unevaluatedProperties: false }],
  ['only adding to what is closed', { ...closed, allOf: [{ properties: { a: { type: 'string' } } }] }],
  ['recursive and closed', { ...closed, properties: { a: { $ref: '#' } } }],
])('says nothing of one that is %s', (_, written) => {
  expect(warnings(written)).toEqual([]);
});
