import { describe, expect, it } from 'vitest';
import { fakeConnection, fakeContext, fakePayload } from '../../test/support/guard.ts';
import type { Notice, Unreadable } from '../pipeline/dialect.ts';
import type { Direction, Message } from '../pipeline/message.ts';
import { ocpp } from './ocpp.ts';
import { MAX_PENDING } from './pending.ts';

const notice: Notice = { code: 'schema_invalid', direction: 'client', reason: 'invalid message' };

/** One session: what it reads depends on what it has read. */
function session(protocol = 'ocpp2.0.1') {
  const dialect = ocpp.create({}, fakeContext());
  const connection = fakeConnection({ protocol });
  const read = (value: unknown, direction: Direction = 'client') =>
    dialect.read(
      fakePayload(typeof value === 'string' ? value : JSON.stringify(value), direction),
      connection,
    ) as Message & Unreadable;
  const refuse = (messages: readonly Message[], more: Partial<Notice> = {}) => {
    const text = dialect.refuse(messages, { ...notice, ...more }, connection);
    return text === undefined ? undefined : JSON.parse(text as string);
  };
  return { read, refuse };
}

describe('ocpp reads', () => {
  it('a CALL by its action', () => {
    expect(session().read([2, 'a1', 'Heartbeat', { x: 1 }])).toEqual({
      direction: 'client',
      type: 'Heartbeat',
      id: 'a1',
      body: { messageType: 2, id: 'a1', action: 'Heartbeat', payload: { x: 1 } },
      content: { x: 1 },
    });
  });

  it.each([
    ['client', 'server'],
    ['server', 'client'],
  ] as const)('the answer to a call of the %s by the action that it answers', (caller, answerer) => {
    const { read } = session();
    read([2, 'a1', 'Heartbeat', {}], caller);
    read([2, 'a2', 'Authorize', {}], caller);
    expect(read([3, 'a2', { ok: true }], answerer)).toMatchObject({
      type: 'Authorize.result',
      content: { ok: true },
    });
    const error = read([4, 'a1', 'GenericError', 'no', {}], answerer);
    expect(error).toMatchObject({ type: 'Heartbeat.error', framing: true });
  });

  it('an answer once, and only to a call of the other side', () => {
    const { read } = session();
    read([2, 'a1', 'Reset', {}], 'server');
    expect(read([3, 'a1', {}], 'server')).toMatchObject({ code: 'message_malformed' });
    expect(read([3, 'a1', {}])).toMatchObject({ type: 'Reset.result' });
    expect(read([3, 'a1', {}])).toMatchObject({ code: 'message_malformed', reason: 'an answer to no call' });
  });

  it('a call that is sent again, but no other call under its id', () => {
    const { read } = session();
    expect(read([2, 'a1', 'Heartbeat', {}])).toMatchObject({ type: 'Heartbeat' });
    expect(read([2, 'a1', 'Heartbeat', {}])).toMatchObject({ type: 'Heartbeat' });
    expect(read([2, 'a1', 'Authorize', {}])).toMatchObject({ code: 'message_malformed' });
    expect(read([2, 'a1', 'Authorize', {}], 'server')).toMatchObject({ type: 'Authorize' });
  });

  it('with a memory that is bounded', () => {
    const { read } = session();
    for (let i = 0; i <= MAX_PENDING; i++) read([2, `${i}`, 'Heartbeat', {}]);
    expect(read([3, '0', {}], 'server')).toMatchObject({ code: 'message_malformed' });
    expect(read([3, '1', {}], 'server')).toMatchObject({ type: 'Heartbeat.result' });
  });

  it.each([
    ['no list', { 0: 2 }],
    ['an empty list', []],
    ['an unknown message type', [7, 'a', 'Heartbeat', {}]],
    ['a message type as text', ['2', 'a', 'Heartbeat', {}]],
    ['an id that is a number', [2, 5, 'Heartbeat', {}]],
    ['an empty id', [2, '', 'Heartbeat', {}]],
    ['an id of 37 characters', [2, 'x'.repeat(37), 'Heartbeat', {}]],
    ['a CALL that is too short', [2, 'a', 'Heartbeat']],
    ['a CALL that is too long', [2, 'a', 'Heartbeat', {}, {}]],
    ['an action with a dot', [2, 'a', 'Heartbeat.result', {}]],
    ['an action that is a list', [2, 'a', ['Heartbeat'], {}]],
    ['a payload that is a list', [2, 'a', 'Heartbeat', []]],
    ['a payload that is null', [2, 'a', 'Heartbeat', null]],
    ['a result of a list', [3, 'known', []]],
    ['a result that is too long', [3, 'known', {}, {}]],
    ['an error without details', [4, 'known', 'GenericError', '']],
    ['an error whose code is prose', [4, 'known', 'no such thing', '', {}]],
    ['an error of 256 characters', [4, 'known', 'GenericError', 'x'.repeat(256), {}]],
    ['no JSON', '[2,'],
  ])('nothing from %s', (_, value) => {
    const { read } = session();
    read([2, 'known', 'Reset', {}], 'server');
    expect(read(value)).toMatchObject({ pass: false, code: 'message_malformed' });
  });
});

describe('ocpp refuses', () => {
  it.each([
    ['type_unknown', undefined, 'NotImplemented', 'NotImplemented'],
    ['not_authorized', undefined, 'SecurityError', 'SecurityError'],
    ['schema_invalid', 'occurrence', 'OccurenceConstraintViolation', 'OccurrenceConstraintViolation'],
    ['schema_invalid', 'type', 'TypeConstraintViolation', 'TypeConstraintViolation'],
    ['schema_invalid', 'value', 'PropertyConstraintViolation', 'PropertyConstraintViolation'],
    ['schema_invalid', 'extra', 'FormationViolation', 'FormatViolation'],
    ['json_structure', undefined, 'FormationViolation', 'FormatViolation'],
    ['internal', undefined, 'InternalError', 'InternalError'],
    ['rate_exceeded', undefined, 'GenericError', 'GenericError'],
  ] as const)('%s (%s) as 1.6 and 2.0.1 name it', (code, violation, inVersion1, inVersion2) => {
    for (const [protocol, expected] of [
      ['ocpp1.6', inVersion1],
      ['ocpp2.0.1', inVersion2],
    ]) {
      const { read, refuse } = session(protocol);
      const call = read([2, 'a1', 'Heartbeat', {}]);
      const told = refuse([call], { code, ...(violation && { violation }), reason: 'why' });
      expect(told).toEqual([4, 'a1', expected, 'why', { code }]);
    }
  });

  it('with the time to wait, and at most 255 characters', () => {
    const { read, refuse } = session();
    const told = refuse([read([2, 'a1', 'Heartbeat', {}])], { retryAfter: 500, reason: 'x'.repeat(400) });
    expect(told).toEqual([
      4,
      'a1',
      'FormatViolation',
      'x'.repeat(255),
      { code: 'schema_invalid', retryAfter: 500 },
    ]);
  });

  it('a call whose id it could read by that id', () => {
    const { read, refuse } = session();
    const { messages } = read([2, 'a1', 'Heartbeat', []]);
    expect(refuse(messages!)).toEqual([
      4,
      'a1',
      'FormatViolation',
      'invalid message',
      { code: 'schema_invalid' },
    ]);
  });

  it('what it could not read as 2.0.1 says, and as 1.6 does not', () => {
    expect(session('ocpp2.0.1').refuse([])?.slice(0, 3)).toEqual([4, '-1', 'RpcFrameworkError']);
    expect(session('ocpp2.0.1').refuse([], { code: 'rate_exceeded' })?.slice(0, 3)).toEqual([
      4,
      '-1',
      'GenericError',
    ]);
    expect(session('ocpp1.6').refuse([])).toBeUndefined();
  });

  it('an answer with silence: OCPP has no answer to an answer', () => {
    const { read, refuse } = session();
    read([2, 'a1', 'Reset', {}], 'server');
    expect(refuse([read([3, 'a1', {}])])).toBeUndefined();
  });

  it('a call for good: its id is free and nothing answers it', () => {
    const { read, refuse } = session();
    refuse([read([2, 'a1', 'Heartbeat', {}])]);
    expect(read([3, 'a1', {}], 'server')).toMatchObject({ code: 'message_malformed' });
    expect(read([2, 'a1', 'Authorize', {}])).toMatchObject({ type: 'Authorize' });
  });
});

describe('ocpp names schemas', () => {
  it.each([
    ['Heartbeat', 'Heartbeat'],
    ['HeartbeatRequest', 'Heartbeat'],
    ['HeartbeatResponse', 'Heartbeat.result'],
  ])('%s as %s', (file, type) => {
    expect(ocpp.traits?.({}).schemaType?.(file)).toBe(type);
  });
});
