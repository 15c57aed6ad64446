import { describe, expect, it } from 'vitest';
import { fakeConnection, fakeContext, fakePayload } from '../../test/support/guard.ts';
import type { Notice } from '../pipeline/dialect.ts';
import type { Message } from '../pipeline/message.ts';
import type { Refused } from '../pipeline/verdict.ts';
import { json } from './json.ts';

const connection = fakeConnection();
const notice: Notice = { code: 'not_authorized', direction: 'client', reason: 'forbidden' };

function make(options: object) {
  const dialect = json.create(json.options.parse(options), fakeContext());
  return {
    ...dialect,
    read: (content: string | Buffer) => dialect.read(fakePayload(content), connection) as Message & Refused,
  };
}

describe('json reads', () => {
  const { read } = make({ type: '/type', id: '/head/id' });

  it('type, id and body at the places that the route names', () => {
    const body = { type: 'chat.send', head: { id: 7 }, room: 'lobby' };
    expect(read(JSON.stringify(body))).toEqual({
      direction: 'client',
      type: 'chat.send',
      id: 7,
      body,
      content: body,
    });
  });

  it('a message without an id, which needs none', () => {
    expect(read('{"type":"a"}').id).toBeUndefined();
  });

  it('an escaped name as the name that it stands for', () => {
    expect(read('{"ty\\u0070e":"chat.send"}').type).toBe('chat.send');
  });

  it.each([
    ['no type', '{}'],
    ['a list for a type', '{"type":["admin"]}'],
    ['an empty type', '{"type":""}'],
    ['a type from the prototype', '{"__proto__":{"type":"x"}}'],
    ['an object for an id', '{"type":"a","head":{"id":{"$gt":""}}}'],
    ['null for an id', '{"type":"a","head":{"id":null}}'],
    ['an id that a double does not hold', '{"type":"a","head":{"id":9007199254740993}}'],
    ['an id beyond all numbers', '{"type":"a","head":{"id":1e999}}'],
    ['an id of 300 characters', `{"type":"a","head":{"id":"${'x'.repeat(300)}"}}`],
    ['a list', '[{"type":"a"}]'],
    ['a string', '"type"'],
    ['nothing', ''],
    ['two texts', '{"type":"a"}{"type":"b"}'],
    ['a byte order mark', '\ufeff{"type":"a"}'],
    ['a trailing NUL', '{"type":"a"}\0'],
  ])('nothing from %s', (_, text) => {
    expect(read(text)).toMatchObject({ pass: false, code: 'message_malformed' });
  });

  it('nothing from a binary frame', () => {
    expect(read(Buffer.from('{"type":"a"}'))).toMatchObject({ pass: false, code: 'message_kind' });
  });

  it('names the place and never the value', () => {
    expect(read('{"type":"a","head":{"id":["secret"]}}').reason).toBe(
      '/head/id must be an integer or a string of at most 256 characters',
    );
  });
});

describe('json refuses', () => {
  const refusal = '{"type":"error","re":{id},"code":{code},"reason":{reason},"after":{retryAfter}}';
  const dialect = make({ type: '/type', id: '/id', refusal });

  it('in the words of the template', () => {
    const message = dialect.read('{"type":"a","id":"7"}');
    const text = dialect.refuse([message], { ...notice, retryAfter: 250 }, connection);
    expect(text).toBe('{"type":"error","re":"7","code":"not_authorized","reason":"forbidden","after":250}');
  });

  it('with nothing in place of what could not be read', () => {
    expect(JSON.parse(dialect.refuse([], notice, connection) as string)).toMatchObject({
      re: null,
      after: null,
    });
  });

  it('without letting an id out of its place', () => {
    const id = '","admin":true,"x":"';
    const message = dialect.read(JSON.stringify({ type: 'a', id }));
    const told = JSON.parse(dialect.refuse([message], notice, connection) as string);
    expect(told).toEqual({ type: 'error', re: id, code: 'not_authorized', reason: 'forbidden', after: null });
  });

  it('a server with silence: the template is for clients', () => {
    expect(dialect.refuse([], { ...notice, direction: 'server' }, connection)).toBeUndefined();
  });

  it('with silence where there is no template', () => {
    expect(make({}).refuse([], notice, connection)).toBeUndefined();
  });
});

describe('json greets', () => {
  it('with its template, or not at all', () => {
    const dialect = make({ greeting: '{"type":"notice","text":{note}}' });
    expect(dialect.greet?.('use "v2"')).toBe('{"type":"notice","text":"use \\"v2\\""}');
    expect(make({}).greet?.('use v2')).toBeUndefined();
  });
});

describe('json does not load', () => {
  it.each([
    ['a template that is not JSON', { refusal: '{"re":{id}' }, /not JSON/],
    ['a placeholder inside quotes', { refusal: '{"re":"{id}"}' }, /not JSON/],
    [
      'an unknown placeholder',
      { refusal: '{"re":{ident}}' },
      /\{ident\} is unknown here; known are \{type\} \{id\}/,
    ],
    ['a placeholder of the other template', { greeting: '{"re":{id}}' }, /\{id\} is unknown here/],
    ['a pointer without a slash', { type: 'type' }, /JSON pointer/],
    ['a pointer to the whole', { type: '' }, /JSON pointer/],
    ['a key it does not know', { typ: '/type' }, /typ/],
  ])('%s', (_, options, told) => {
    expect(() => make(options)).toThrow(told);
  });
});

describe('json takes new tokens', () => {
  const { read, renewal } = make({
    type: '/type',
    id: '/id',
    refresh: { type: 'auth', token: '/auth/token', answer: '{"ok":{type},"re":{id},"in":{expiresIn}}' },
  });

  it('from where the route says, in a message of that type alone', () => {
    expect(renewal!.tokenOf(read('{"type":"auth","auth":{"token":"x"}}'))).toBe('x');
    expect(renewal!.tokenOf(read('{"type":"other","auth":{"token":"x"}}'))).toBeUndefined();
  });

  it.each(['{"type":"auth"}', '{"type":"auth","auth":{"token":""}}', '{"type":"auth","auth":{"token":[]}}'])(
    'and refuses %s',
    (message) => {
      const refused = { code: 'message_malformed', reason: '/auth/token must be a token' };
      expect(renewal!.tokenOf(read(message))).toMatchObject(refused);
    },
  );

  it('and answers by the template', () => {
    const message = read('{"type":"auth","id":"m1","auth":{"token":"x"}}');
    expect(renewal!.answer(message, 5_000, connection)).toBe('{"ok":"auth","re":"m1","in":5000}');
    expect(renewal!.answer(message, undefined, connection)).toBe('{"ok":"auth","re":"m1","in":null}');
  });

  it('only where the route names a type and where a message has one', () => {
    expect(make({ type: '/type' }).renewal).toBeUndefined();
    expect(() => make({ refresh: { type: 'auth' } })).toThrow('needs `type`');
    const wrong = { type: '/type', refresh: { type: 'auth', answer: '{"x":{reason}}' } };
    expect(() => make(wrong)).toThrow('{reason} is unknown here');
  });
});
