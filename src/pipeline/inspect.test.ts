import { describe, expect, it, vi } from 'vitest';
import { fakeConnection, fakePayload } from '../../test/support/guard.ts';
import { arm, wordRoute } from '../../test/support/wired-session.ts';
import type { Fields, Recorder } from '../record/recorder.ts';
import { GUARD_TIMEOUT } from './deadline.ts';
import { CLOSE } from './dialect.ts';
import type { Guard } from './guard.ts';
import { Inspector } from './inspect.ts';
import type { Direction, Message } from './message.ts';
import type { Denial } from './refusals.ts';
import { type MaybePromise, PASS, refuse, type Verdict } from './verdict.ts';

const connection = fakeConnection();

/** An inspector over these guards, and what it did. */
function inspector(
  guards: Parameters<typeof arm>[],
  { direction = 'client', ...route }: Parameters<typeof wordRoute>[0] & { direction?: Direction } = {},
) {
  const events: (Fields & { name: string })[] = [];
  const armed = guards.map((guard) => arm(...guard));
  const plan = wordRoute({ ...route, [direction]: armed });
  const recorder: Recorder = {
    event: (name, fields) => void events.push({ ...fields, name }),
    counters: () => plan.counters,
  };
  const made = new Inspector(plan, direction, recorder);
  return {
    made,
    events,
    plan,
    judge: (text: string) => made.inspect(fakePayload(text, direction), connection),
  };
}

const pass: Guard = { onPayload: () => PASS, onMessage: () => PASS };
const no = (code: Parameters<typeof refuse>[0] = 'not_authorized'): Guard => ({
  onMessage: () => refuse(code, 'because'),
});
const batch = {
  read: () =>
    ['a', 'b', 'c'].map(
      (type): Message => ({ direction: 'client', type, id: undefined, body: type, content: type }),
    ),
  refuse: () => undefined,
};

describe('the order', () => {
  it('is payload guards, dialect, then each message by each guard; the first no ends it', () => {
    const calls: string[] = [];
    const log = <T>(call: string, answer: T): T => {
      calls.push(call);
      return answer;
    };
    const guard = (name: string): [Guard, string] => [
      {
        onPayload: () => log(`${name} payload`, PASS),
        onMessage: ({ type }) =>
          log(`${name} ${type}`, name === 'two' && type === 'b' ? refuse('schema_invalid', '') : PASS),
      },
      name,
    ];
    const dialect = { ...batch, read: () => log('read', batch.read()) };
    const { judge } = inspector([guard('one'), guard('two')], { dialect });
    expect(judge('x')).toMatchObject({
      guard: 'two',
      messages: [{ type: 'a' }, { type: 'b' }, { type: 'c' }],
    });
    expect(calls).toEqual(['one payload', 'two payload', 'read', 'one a', 'two a', 'one b', 'two b']);
  });

  it.each([1, 2, 4, 8, 16, 32, 64, 127])('is the same whichever guards take their time: %d', async (mask) => {
    const run = async (late: number) => {
      const calls: string[] = [];
      let step = 0;
      const answer = (call: string): MaybePromise<Verdict> => {
        calls.push(call);
        return late & (1 << step++) ? Promise.resolve(PASS) : PASS;
      };
      const guard: Guard = {
        onPayload: () => answer('payload'),
        onMessage: ({ type }) => answer(`message ${type}`),
      };
      const { judge } = inspector([[guard], [guard], [no('rate_exceeded'), 'last', true]], {
        dialect: batch,
      });
      return { outcome: await judge('x'), calls };
    };
    expect(await run(mask)).toEqual(await run(0));
  });
});

describe('a refusal', () => {
  it('is counted and said in one place', () => {
    const { judge, events, plan } = inspector([[pass], [no(), 'authorize']]);
    expect(judge('word')).toMatchObject({ pass: false, guard: 'authorize', action: 'answer' });
    expect(plan.counters.client.refused).toBe(1);
    expect(plan.counters.client.refusals.get('authorize not_authorized')).toEqual({
      enforced: 1,
      observed: 0,
    });
    expect(events).toEqual([
      {
        name: 'message.refused',
        session: 'c1',
        route: 'chat',
        identity: 'staff',
        subject: 'ada',
        tenant: 'acme',
        address: '192.0.2.1',
        direction: 'client',
        type: 'word',
        guard: 'authorize',
        code: 'not_authorized',
        reason: 'because',
        action: 'answer',
      },
    ]);
  });

  it('by a guard that only observes is counted and said, and passes', async () => {
    const late: Guard = { onPayload: () => Promise.resolve(refuse('json_structure', '')) };
    const { judge, events, plan } = inspector([
      [no(), 'one', true],
      [late, 'two', true],
      [pass, 'three'],
    ]);
    expect(await judge('word')).toBe(PASS);
    expect(plan.counters.client.refused).toBe(0);
    expect(plan.counters.client.refusals.get('one not_authorized')).toEqual({ enforced: 0, observed: 1 });
    expect(events.map(({ name, guard }) => [name, guard])).toEqual([
      ['message.observed', 'two'],
      ['message.observed', 'one'],
    ]);
  });

  it('is told by the dialect, without what is not the peer’s business', () => {
    const told: string[] = [];
    const dialect = {
      ...batch,
      refuse(_: readonly Message[], { reason }: { reason: string }) {
        told.push(reason);
        return 'text';
      },
    };
    for (const code of ['not_authorized', 'schema_invalid'] as const) {
      const { made, judge } = inspector([[no(code)]], { dialect });
      expect(made.answer(judge('x') as Denial, connection)).toBe('text');
    }
    expect(told).toEqual(['forbidden', 'invalid message: because']);
  });
});

describe('a fault of ours', () => {
  const broken = () => {
    throw new TypeError('bad payload {"secret":1}');
  };

  it.each([
    ['onPayload', [[{ onPayload: broken }, 'g']], {}],
    ['onMessage', [[{ onMessage: broken }, 'g']], {}],
    ['a promise', [[{ onMessage: () => Promise.reject(new Error('secret')) }, 'g']], {}],
    ['read', [], { dialect: { ...batch, read: broken } }],
  ] as const)('in %s refuses, closes, and is said without the message', async (_, guards, route) => {
    const { judge, events } = inspector(guards as never, route);
    expect(await judge('x')).toMatchObject({ refused: { code: 'internal' }, action: 'close' });
    expect(events.map(({ name }) => name)).toEqual(['gateway.fault', 'message.refused']);
    expect(JSON.stringify(events)).not.toContain('secret');
    expect(String(events[0]!.error)).toMatch(/Error/);
  });

  it('in a guard that only observes is said, and the message passes', () => {
    const { judge, events } = inspector([[{ onMessage: broken }, 'g', true]]);
    expect(judge('x')).toBe(PASS);
    expect(events.map(({ name }) => name)).toEqual(['gateway.fault', 'message.observed']);
  });

  it('is a guard that does not answer in time', async () => {
    vi.useFakeTimers();
    try {
      const { judge, events } = inspector([[{ onMessage: () => new Promise<Verdict>(() => {}) }, 'g']]);
      const outcome = judge('x');
      await vi.advanceTimersByTimeAsync(GUARD_TIMEOUT);
      expect(await outcome).toMatchObject({ refused: { code: 'internal' } });
      expect(events[0]).toMatchObject({ name: 'gateway.fault' });
    } finally {
      vi.useRealTimers();
    }
  });

  it('is a dialect that cannot phrase a refusal: the connection is closed', () => {
    const { made, judge } = inspector([[no()]], { dialect: { ...batch, refuse: broken } });
    expect(made.answer(judge('x') as Denial, connection)).toBe(CLOSE);
  });
});

describe('nobody looks', () => {
  it('at what a server sends unless a guard or the dialect wants to', () => {
    const reads = { ...batch, readsServer: true };
    expect(inspector([], { direction: 'server' }).made.idle).toBe(true);
    expect(inspector([[pass]], { direction: 'server' }).made.idle).toBe(false);
    expect(inspector([], { direction: 'server', dialect: reads }).made.idle).toBe(false);
    expect(inspector([]).made.idle).toBe(false);
  });

  it('through the dialect where only payloads are judged', () => {
    const read = vi.fn();
    const { judge } = inspector([[{ onPayload: () => PASS }]], {
      direction: 'server',
      dialect: { ...batch, read },
    });
    expect(judge('x')).toBe(PASS);
    expect(read).not.toHaveBeenCalled();
  });
});
