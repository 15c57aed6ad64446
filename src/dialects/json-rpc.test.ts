import { describe, expect, it } from 'vitest';
import { fakeConnection, fakeContext, fakePayload } from '../../test/support/guard.ts';
import type { Notice, Unreadable } from '../pipeline/dialect.ts';
import type { Direction, Message } from '../pipeline/message.ts';
import { jsonRpc } from './json-rpc.ts';

const notice: Notice = { code: 'not_authorized', direction: 'client', reason: 'forbidden' };
const forbidden = { code: -32003, message: 'forbidden', data: { code: 'not_authorized' } };

function session(options: object = {}) {
  const dialect = jsonRpc.create(jsonRpc.options.parse(options), fakeContext());
  const connection = fakeConnection();
  const read = (value: unknown, direction: Direction = 'client') =>
    dialect.read(
      fakePayload(typeof value === 'string' ? value : JSON.stringify(value), direction),
      connection,
    ) as Message & Message[] & Unreadable;
  const refuse = (messages: readonly Message[], more: Partial<Notice> = {}) => {
    const text = dialect.refuse(messages, { ...notice, ...more }, connection);
    return text === undefined ? undefined : JSON.parse(text as string);
  };
  return { dialect, connection, read, refuse };
}

const call = (method: string, id?: unknown, params?: unknown) => ({ jsonrpc: '2.0', method, id, params });

describe('json-rpc reads', () => {
  const { read } = session({ maxBatch: 3 });

  it('a request and a notification by their method', () => {
    const body = { jsonrpc: '2.0', method: 'sum', id: 1, params: [1, 2] };
    expect(read(body)).toMatchObject({ direction: 'client', type: 'sum', id: 1, body, content: [1, 2] });
    expect(read(call('tick'))).toMatchObject({ type: 'tick', id: undefined, content: {} });
  });

  it('a batch as its messages, up to the cap', () => {
    expect(read([call('a', 1), call('b'), call('c', 2)]).map(({ type }) => type)).toEqual(['a', 'b', 'c']);
    expect(read(Array.from({ length: 4 }, () => call('a')))).toMatchObject({ code: 'json_structure' });
  });

  it.each([
    ['an empty batch', []],
    ['a batch in a batch', [[call('a', 1)]]],
    ['a batch with one bad entry', [call('a', 1), { jsonrpc: '2.0' }]],
    ['another version', { ...call('a', 1), jsonrpc: '1.0' }],
    ['no version', { method: 'a', id: 1 }],
    ['a method that is a list', call(['a'] as unknown as string, 1)],
    ['an empty method', call('', 1)],
    ['params that are text', call('a', 1, 'x')],
    ['params that are null', call('a', 1, null)],
    ['an id that is null', call('a', null)],
    ['an id that is an object', call('a', { $gt: '' })],
    ['an id with a fraction', call('a', 1.5)],
    ['an id of 10^6 characters', call('a', 'x'.repeat(1_000_000))],
    ['a request that is a response too', { ...call('a', 1), result: 1 }],
    ['an answer to no call', { jsonrpc: '2.0', id: 1, result: 1 }],
    ['text', '"a"'],
    ['no JSON', '{"jsonrpc":"2.0"'],
  ])('nothing from %s', (_, value) => {
    expect(read(value)).toMatchObject({ pass: false, code: 'message_malformed' });
  });
});

describe('json-rpc with calls from both sides', () => {
  it.each([
    ['client', 'server'],
    ['server', 'client'],
  ] as const)('matches what answers a call of the %s', (caller, answerer) => {
    const { read, dialect } = session({ calls: 'both' });
    expect(dialect.readsServer).toBe(true);
    read(call('sum', 1), caller);
    read(call('sum', 2), caller);
    const result = read({ jsonrpc: '2.0', id: 1, result: 3 }, answerer);
    expect(result).toMatchObject({ type: 'sum.result', content: 3 });
    const error = read({ jsonrpc: '2.0', id: 2, error: { code: -1, message: 'no' } }, answerer);
    expect(error).toMatchObject({ type: 'sum.error', framing: true });
    expect(read({ jsonrpc: '2.0', id: 1, result: 3 }, answerer)).toMatchObject({ code: 'message_malformed' });
  });

  it.each([
    ['both', { result: 1, error: { code: 1, message: '' } }],
    ['an error of text', { error: 'no' }],
    ['an error without a code', { error: { message: 'no' } }],
  ])('refuses an answer of %s', (_, part) => {
    const { read } = session({ calls: 'both' });
    read(call('sum', 1), 'server');
    expect(read({ jsonrpc: '2.0', id: 1, ...part })).toMatchObject({ code: 'message_malformed' });
  });

  it('refuses another call under an id that waits, and a method that looks like an answer', () => {
    const { read } = session({ calls: 'both' });
    read(call('a', 1));
    expect(read(call('b', 1))).toMatchObject({ code: 'message_malformed' });
    expect(read(call('a.result', 2))).toMatchObject({ code: 'message_malformed' });
  });
});

describe('json-rpc leaves what servers answer without a type', () => {
  it('where it does not match', () => {
    expect(session().read({ jsonrpc: '2.0', id: 1, result: 3 }, 'server')).toMatchObject({ type: undefined });
  });
});

describe('json-rpc refuses', () => {
  const { read, refuse } = session();

  it('a request by its id', () => {
    expect(refuse([read(call('a', 7))])).toEqual({ jsonrpc: '2.0', id: 7, error: forbidden });
  });

  it('a notification with silence', () => {
    expect(refuse([read(call('a'))])).toBeUndefined();
    expect(refuse(read([call('a'), call('b')]))).toBeUndefined();
  });

  it('a batch with a list, of one as well', () => {
    expect(refuse(read([call('a', 1), call('b'), call('c', 'x')]))).toEqual([
      { jsonrpc: '2.0', id: 1, error: forbidden },
      { jsonrpc: '2.0', id: 'x', error: forbidden },
    ]);
    expect(refuse(read([call('a', 1)]))).toEqual([{ jsonrpc: '2.0', id: 1, error: forbidden }]);
  });

  it('what it cannot read by the id that it could read, else by null', () => {
    expect(refuse(read(call('a', 7, 'x')).messages!)).toMatchObject({ id: 7 });
    expect(refuse(read([call('a', 1), call('b', 2, 'x'), 5]).messages!).map(({ id }: Message) => id)).toEqual(
      [1, 2],
    );
    expect(refuse([])).toMatchObject({ id: null });
  });

  it.each([
    ['message_malformed', -32600],
    ['type_unknown', -32601],
    ['schema_invalid', -32602],
    ['internal', -32603],
    ['rate_exceeded', -32029],
    ['draining', -32000],
  ] as const)('%s as %d', (code, expected) => {
    expect(refuse([read(call('a', 1))], { code, retryAfter: 5 }).error).toMatchObject({
      code: expected,
      data: { code, retryAfter: 5 },
    });
  });
});

describe('json-rpc greets', () => {
  it('by the notification that the route names', () => {
    expect(session().dialect.greet?.('old')).toBeUndefined();
    const text = session({ greeting: 'gateway.note' }).dialect.greet?.('old');
    expect(JSON.parse(text!)).toEqual({ jsonrpc: '2.0', method: 'gateway.note', params: { note: 'old' } });
  });
});

describe('json-rpc takes new tokens', () => {
  const { dialect, read } = session({ calls: 'both', refresh: { method: 'auth', token: '/jwt' } });
  const { tokenOf, answer } = dialect.renewal!;
  const connection = fakeConnection();

  it('from the params of that method alone', () => {
    expect(tokenOf(read(call('auth', 1, { jwt: 'x' })))).toBe('x');
    expect(tokenOf(read(call('other', 2, { jwt: 'x' })))).toBeUndefined();
    expect(tokenOf(read(call('auth', 3, { token: 'x' })))).toMatchObject({ code: 'message_malformed' });
    expect(tokenOf(read(call('auth', 4, ['x'])))).toMatchObject({ code: 'message_malformed' });
  });

  it('never in a batch', () => {
    const batch = [call('other', 5), call('auth', 6, { jwt: 'x' })];
    expect(tokenOf(read(batch))).toMatchObject({ code: 'message_malformed' });
    expect(tokenOf(read([call('other', 7)]))).toBeUndefined();
  });

  it('and answers a request, whose id is free again, and no notification', () => {
    const own = session({ calls: 'both', refresh: { method: 'auth' } });
    const message = own.read(call('auth', 9, { token: 'x' }));
    expect(own.dialect.renewal!.answer(message, 5_000, own.connection)).toBe(
      '{"jsonrpc":"2.0","id":9,"result":{"expiresIn":5000}}',
    );
    expect(own.read(call('sum', 9))).not.toHaveProperty('pass');
    expect(answer(read(call('auth', undefined, { jwt: 'x' })), 5_000, connection)).toBeUndefined();
  });
});
