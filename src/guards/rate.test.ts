import { describe, expect, it } from 'vitest';
import {
  buildGuard,
  codeOf,
  fakeConnection,
  fakeContext,
  fakeMessage,
  fakePayload,
  fakePrincipal,
  fakeServices,
} from '../../test/support/guard.ts';
import type { Connection } from '../pipeline/connection.ts';
import type { Refused } from '../pipeline/verdict.ts';
import { rate } from './rate.ts';

/** A guard of these limits, and how a connection sends through it. */
function gate(limits: unknown, services = fakeServices()) {
  const guard = buildGuard(rate, { limits }, fakeContext({ services }))!;
  const verdicts = (connection: Connection, types: readonly string[], bytes: number) => {
    const payload = guard.onPayload!(fakePayload('x'.repeat(bytes)), connection);
    const all = [payload];
    if ('pass' in payload && payload.pass) {
      for (const type of types) all.push(guard.onMessage!(fakeMessage({ type }), connection));
    }
    return all as Refused[];
  };
  const send = (connection: Connection, types: readonly string[] | string = 'chat.send', bytes = 70) =>
    verdicts(connection, typeof types === 'string' ? [types] : types, bytes).find((verdict) => !verdict.pass);
  const count = (connection: Connection, times: number, type?: string, bytes?: number) => {
    let passed = 0;
    for (let i = 0; i < times; i++) if (!send(connection, type, bytes)) passed++;
    return passed;
  };
  return { guard, send, count, clock: services.clock, services };
}

const by = (subject: string, more: Partial<Connection> = {}) =>
  fakeConnection({ principal: fakePrincipal({ subject }), ...more });

describe('rate', () => {
  it('lets a burst through, then the rate, and says when to come back', () => {
    const { send, count, clock } = gate({ perConnection: { messages: '20/s', burst: 40 } });
    const connection = fakeConnection();
    expect(count(connection, 41)).toBe(40);
    expect(send(connection)).toMatchObject({ code: 'rate_exceeded', retryAfter: 50 });
    clock.pass(50);
    expect(count(connection, 2)).toBe(1);
    clock.pass(1_000);
    expect(count(connection, 30)).toBe(20);
  });

  it('takes the count of the rate for the burst where none is written', () => {
    const { count } = gate({ perConnection: { messages: '5/s' } });
    expect(count(fakeConnection(), 10)).toBe(5);
  });

  it('counts each connection for itself', () => {
    const { count } = gate({ perConnection: { messages: '5/s' } });
    expect(count(by('ada'), 10)).toBe(5);
    expect(count(by('ada'), 10)).toBe(5);
  });

  it.each([
    ['perSubject', by('ada'), by('ada', { address: '192.0.2.9' }), by('bob')],
    ['perTenant', by('ada'), by('bob'), fakeConnection({ principal: fakePrincipal({ tenant: 'other' }) })],
    ['perAddress', by('ada'), by('bob'), by('ada', { address: '192.0.2.9' })],
    [
      'perAddress',
      by('ada', { address: '2001:db8::1' }),
      by('bob', { address: '2001:db8::2' }),
      by('ada', { address: '2001:db8:0:1::1' }),
    ],
  ])('counts %s over all connections of one holder', (scope, one, same, other) => {
    const { count } = gate({ [scope]: { messages: '6/s' } });
    expect(count(one, 4) + count(same, 4)).toBe(6);
    expect(count(other, 4)).toBe(4);
  });

  it('counts bytes, and lets the message that uses up the last of them pass', () => {
    const { count, clock } = gate({ perConnection: { bytes: '1KiB/s' } });
    const connection = fakeConnection();
    expect(count(connection, 10, 'a', 400)).toBe(3);
    clock.pass(1_000);
    expect(count(connection, 10, 'a', 400)).toBeLessThanOrEqual(3);
    // One message may be larger than all the bytes of the limit, and is paid off afterwards.
    const large = fakeConnection();
    expect(count(large, 2, 'a', 10_240)).toBe(1);
    clock.pass(8_000);
    expect(count(large, 1, 'a', 1)).toBe(0);
    clock.pass(2_000);
    expect(count(large, 1, 'a', 1)).toBe(1);
  });

  it('counts one type on its own', () => {
    const { count } = gate({ perType: { 'chat.send': '2/s', 'chat.ping': { messages: '1/s', burst: 4 } } });
    const connection = fakeConnection();
    expect(count(connection, 9, 'chat.send')).toBe(2);
    expect(count(connection, 9, 'chat.ping')).toBe(4);
    expect(count(connection, 9, 'chat.other')).toBe(9);
    expect(count(connection, 9, '__proto__')).toBe(9);
  });

  it('counts a dear type for as many as it costs', () => {
    const { count } = gate({ perConnection: { messages: '10/s', burst: 25 }, cost: { 'chat.history': 10 } });
    const connection = fakeConnection();
    expect(count(connection, 9, 'chat.history')).toBe(2);
    expect(count(connection, 9, 'chat.send')).toBeLessThanOrEqual(5);
  });

  it('counts each message of a batch', () => {
    const { send } = gate({ perConnection: { messages: '10/s' } });
    const connection = fakeConnection();
    expect(send(connection, new Array(10).fill('a'))).toBeUndefined();
    expect(send(fakeConnection(), new Array(11).fill('a'))).toMatchObject({ code: 'rate_exceeded' });
  });

  it('takes nothing from one bucket for a message that another refuses', () => {
    const { count, clock } = gate({ perConnection: { messages: '2/s' }, perSubject: { messages: '100/h' } });
    const [one, two] = [by('ada'), by('ada')];
    expect(count(one, 1_000)).toBe(2);
    let passed = 2;
    for (let i = 0; i < 60; i++) {
      clock.pass(1_000);
      passed += count(two, 10);
    }
    expect(passed).toBeGreaterThanOrEqual(100);
  });

  it('closes a connection that goes on as though it had not been told', () => {
    const { send, clock } = gate({ perConnection: { messages: '1/s' }, refusals: '3/s' });
    const connection = fakeConnection();
    send(connection);
    const actions = Array.from({ length: 4 }, () => send(connection)?.action);
    expect(actions).toEqual([undefined, undefined, undefined, 'close']);
    clock.pass(1_000);
    expect(send(connection)).toBeUndefined();
    expect(send(connection)?.action).toBeUndefined();
  });

  it('keeps what was used over a reload, and applies the new limits to it', () => {
    const services = fakeServices();
    const before = gate({ perConnection: { messages: '10/s' }, perSubject: { messages: '10/s' } }, services);
    const connection = by('ada');
    expect(before.count(connection, 20)).toBe(10);
    const same = gate({ perConnection: { messages: '10/s' }, perSubject: { messages: '10/s' } }, services);
    expect(same.count(connection, 20)).toBe(0);
    expect(same.count(by('ada'), 20)).toBe(0);
    const wider = gate({ perSubject: { messages: '10/s', burst: 15 } }, services);
    expect(wider.count(by('ada'), 20)).toBe(5);
  });

  it('counts two connections together even after their bucket was let go', () => {
    const { count, clock } = gate({ perSubject: { messages: '6/s' } });
    const [one, two] = [by('ada'), by('ada')];
    expect(count(one, 1) + count(two, 1)).toBe(2);
    clock.pass(10_000);
    for (let i = 0; i < 20; i++) count(by(`other ${i}`), 1);
    expect(count(one, 4) + count(two, 4)).toBe(6);
  });

  it('counts a principal that was replaced under its new name', () => {
    const { count } = gate({ perSubject: { messages: '3/s' }, perConnection: { messages: '5/s' } });
    let principal = fakePrincipal({ subject: 'ada' });
    const connection = {
      ...fakeConnection(),
      get principal() {
        return principal;
      },
    };
    expect(count(connection, 9)).toBe(3);
    principal = fakePrincipal({ subject: 'bob' });
    expect(count(connection, 9)).toBe(2);
  });

  it('does not look at the wall clock', () => {
    const { count, clock } = gate({ perConnection: { messages: '5/s' } });
    const connection = fakeConnection();
    count(connection, 5);
    clock.wall += 3_600_000;
    expect(count(connection, 5)).toBe(0);
    clock.wall -= 7_200_000;
    clock.ticks += 1_000;
    expect(count(connection, 9)).toBe(5);
  });

  it('is not there where nothing is configured', () => {
    expect(buildGuard(rate, {})).toBeUndefined();
    expect(buildGuard(rate, { limits: { perConnection: {} } })).toBeUndefined();
  });

  it.each([
    { perConnection: { messages: '0/s' } },
    { perConnection: { messages: '20' } },
    { perConnection: { burst: 5 } },
    { perConnection: { bytes: '20/s' } },
    { perConnection: { messages: '5/s', burstBytes: 9 } },
    { perConnection: { messages: '5/s' }, cost: { big: 6 } },
    { cost: { big: 6 } },
    { perType: { a: { burst: 5 } } },
  ])('does not load %j', (limits) => {
    expect(() => buildGuard(rate, { limits })).toThrow();
  });

  it('does not load a limit by type for a dialect that reads none', () => {
    const context = fakeContext({ dialect: { name: 'raw', json: false } });
    expect(() => buildGuard(rate, { limits: { perType: { a: '5/s' } } }, context)).toThrow(/raw/);
  });

  it('answers at once', () => {
    const { guard } = gate({ perConnection: { messages: '5/s' } });
    expect(codeOf(guard.onPayload!(fakePayload('x'), fakeConnection()))).toBe('pass');
  });
});
