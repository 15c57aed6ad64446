import { describe, expect, it } from 'vitest';
import { fakeConnection, fakeContext, fakePayload } from '../../test/support/guard.ts';
import { CLOSE, type Notice, type Unreadable } from '../pipeline/dialect.ts';
import type { Direction, Message } from '../pipeline/message.ts';
import { graphqlTransportWs } from './graphql-transport-ws.ts';

const connection = fakeConnection();
const notice: Notice = { code: 'not_authorized', direction: 'client', reason: 'forbidden' };

function make(options: object = {}) {
  const dialect = graphqlTransportWs.create(graphqlTransportWs.options.parse(options), fakeContext());
  const read = (value: unknown, direction: Direction = 'client') =>
    dialect.read(
      fakePayload(typeof value === 'string' ? value : JSON.stringify(value), direction),
      connection,
    ) as Message & Unreadable;
  return { dialect, read, ask: (query: string, more: object = {}) => read(subscribe(query, more)) };
}

const subscribe = (query: unknown, more: object = {}) => ({
  id: '1',
  type: 'subscribe',
  payload: { query, ...more },
});

describe('graphql-transport-ws reads', () => {
  const { read, ask } = make();

  it('a subscription, and what it asks for', () => {
    const payload = {
      query: 'subscription Talk { said(room: "a") { text } }',
      operationName: 'Talk',
      variables: null,
    };
    expect(read({ id: '1', type: 'subscribe', payload })).toEqual({
      direction: 'client',
      type: 'subscribe',
      id: '1',
      content: payload,
      body: {
        id: '1',
        type: 'subscribe',
        payload,
        operation: { kind: 'subscription', name: 'Talk', fields: ['said'] },
      },
    });
  });

  it.each([
    ['query', '{ me }', ['me']],
    ['mutation', 'mutation { a: post b: post }', ['post']],
    [
      'subscription',
      'subscription { ...F } fragment F on S { ... on S { said } ...G } fragment G on S { left }',
      ['said', 'left'],
    ],
  ])('the kind and root fields of a %s', (kind, query, fields) => {
    expect(ask(query).body).toMatchObject({ operation: { kind, fields } });
  });

  it('the operation that is meant', () => {
    const two = 'query A { a } query B { b }';
    expect(ask(two, { operationName: 'B' }).body).toMatchObject({ operation: { name: 'B', fields: ['b'] } });
    expect(ask(two)).toMatchObject({ code: 'message_malformed' });
    expect(ask(two, { operationName: 'C' })).toMatchObject({ code: 'message_malformed' });
  });

  it.each(['connection_init', 'ping', 'pong', 'complete'])('%s, which needs no schema', (type) => {
    expect(read({ type, id: '1', payload: { a: 1 } })).toMatchObject({
      type,
      framing: true,
      content: { a: 1 },
    });
  });

  it('what a server sends', () => {
    expect(read({ id: '1', type: 'next', payload: { data: 1 } }, 'server').framing).toBeUndefined();
    expect(read({ type: 'connection_ack' }, 'server')).toMatchObject({ framing: true });
  });

  it.each([
    ['a type that is none', { type: 'start', id: '1' }],
    ['a type of the server', { type: 'next', id: '1', payload: {} }],
    ['a type that is a list', { type: ['ping'] }],
    ['a list', [{ type: 'ping' }]],
    ['complete without id', { type: 'complete' }],
    ['an id that is a number', { ...subscribe('{ a }'), id: 1 }],
    ['a subscription without payload', { id: '1', type: 'subscribe' }],
    ['a query that is an object', subscribe({})],
    ['variables that are a list', subscribe('{ a }', { variables: [] })],
    ['a name that is a number', subscribe('{ a }', { operationName: 5 })],
    ['no JSON', '{'],
  ])('nothing from %s, and closes as the protocol says', (_, value) => {
    expect(read(value)).toMatchObject({ pass: false, code: 'message_malformed', action: 'close' });
    expect(make().dialect.closeCode?.('message_malformed')).toBe(4400);
  });
});

describe('graphql-transport-ws bounds a query', () => {
  const deep = (levels: number) => `{ a ${'{ a '.repeat(levels - 1)}${'}'.repeat(levels)}`;
  const doubling = `{ ...F0 } ${Array.from({ length: 40 }, (_, i) => `fragment F${i} on Q { ...F${i + 1} ...F${i + 1} }`).join(' ')} fragment F40 on Q { a }`;

  it.each([
    ['depth', deep(11), 'json_structure', 'query: deeper than 10'],
    [
      'depth in fragments',
      `${deep(6).replace('{ a }', '{ ...F }')} fragment F on Q ${deep(7)}`,
      'json_structure',
      'query: deeper than 10',
    ],
    [
      'aliases',
      `{ ${Array.from({ length: 21 }, (_, i) => `a${i}: a`).join(' ')} }`,
      'json_structure',
      'query: more than 20 aliases',
    ],
    ['fields', `{ ${'a '.repeat(501)} }`, 'json_structure', 'query: more than 500 fields'],
    ['fields of fragments that double', doubling, 'json_structure', 'query: more than 500 fields'],
    ['tokens', `{ ${'a '.repeat(2_100)} }`, 'json_structure', 'query: more than 2000 tokens'],
    [
      'introspection',
      '{ __schema { types { name } } }',
      'json_structure',
      'query: introspection is not allowed here',
    ],
    [
      'introspection in a fragment',
      '{ ...F } fragment F on Query { t: __type(name: "A") { name } }',
      'json_structure',
      'query: introspection is not allowed here',
    ],
    [
      'introspection in another operation',
      'query A { a } query B { __schema { types { name } } }',
      'json_structure',
      'query: introspection is not allowed here',
    ],
    [
      'a circle',
      '{ ...F } fragment F on Q { a { ...F } }',
      'message_malformed',
      'query: a fragment comes back to itself',
    ],
    ['a fragment that is not there', '{ ...F }', 'message_malformed', 'query: a fragment that is not there'],
    ['no query at all', 'subscribe to all', 'message_malformed', 'query: not a GraphQL query'],
    ['nesting that no stack holds', '{a'.repeat(30_000), 'json_structure', 'query: more than 2000 tokens'],
  ])('in %s', (_, query, code, reason) => {
    const refused = make().ask(query, { operationName: query.includes('query A') ? 'A' : null });
    expect(refused).toMatchObject({ pass: false, code, reason });
    expect(refused.messages).toMatchObject([{ id: '1' }]);
  });

  it('as the route sets it', () => {
    expect(make({ maxDepth: 11 }).ask(deep(11))).toMatchObject({ type: 'subscribe' });
    expect(make({ introspection: true }).ask('{ __schema { types { name } } }')).toMatchObject({
      type: 'subscribe',
    });
    expect(make().ask('{ a { __typename } }')).toMatchObject({ type: 'subscribe' });
    expect(make().ask(deep(10))).toMatchObject({ type: 'subscribe' });
  });
});

describe('graphql-transport-ws refuses', () => {
  const { dialect, read, ask } = make();
  const told = (messages: readonly Message[], more: Partial<Notice> = {}) =>
    dialect.refuse(messages, { ...notice, ...more }, connection);

  it('a subscription with GraphQL errors', () => {
    expect(JSON.parse(told([ask('{ a }')], { retryAfter: 9 }) as string)).toEqual({
      id: '1',
      type: 'error',
      payload: [{ message: 'forbidden', extensions: { code: 'not_authorized', retryAfter: 9 } }],
    });
    expect(JSON.parse(told(ask('{').messages!) as string)).toMatchObject({ id: '1', type: 'error' });
  });

  it('a connection_init, and what cannot be read, with a close', () => {
    expect(told([read({ type: 'connection_init' })])).toBe(CLOSE);
    expect(told([])).toBe(CLOSE);
    expect(dialect.closeCode?.('not_authorized')).toBe(4403);
    expect(dialect.closeCode?.('session_expired')).toBeUndefined();
  });

  it('what wants no answer with silence', () => {
    expect(told([read({ type: 'pong' })])).toBeUndefined();
    expect(told([read({ type: 'complete', id: '1' })])).toBeUndefined();
  });
});

describe('graphql-transport-ws greets', () => {
  it('with a ping, which may come at any time', () => {
    expect(JSON.parse(make().dialect.greet?.('old') as string)).toEqual({
      type: 'ping',
      payload: { note: 'old' },
    });
  });
});
