import { describe, expect, it } from 'vitest';
import {
  buildGuard,
  codeOf,
  fakeCandidate,
  fakeConnection,
  fakeMessage,
  fakePrincipal,
} from '../../test/support/guard.ts';
import type { Connection } from '../pipeline/connection.ts';
import { OptionsError } from '../pipeline/context.ts';
import type { Principal } from '../pipeline/principal.ts';
import type { Refused } from '../pipeline/verdict.ts';
import { authorize } from './authorize.ts';

type Rules = readonly { on?: string; when?: string; allow: string }[];

const build = (rules: Rules) => buildGuard(authorize, { authorize: rules })!;

function ask(
  rules: Rules,
  body: unknown,
  principal: Partial<Principal> = {},
  connection: Partial<Connection> = {},
): Refused {
  const session = fakeConnection({ principal: fakePrincipal(principal), ...connection });
  return build(rules).onMessage!(fakeMessage(body), session) as Refused;
}

/** Whether one expression allows. */
const allows = (
  allow: string,
  body: unknown,
  principal?: Partial<Principal>,
  connection?: Partial<Connection>,
) => ask([{ allow }], body, principal, connection).pass as boolean;

const CHAT: Rules = [
  { when: 'message.type == "chat.send"', allow: 'message.room in claims.rooms' },
  { when: 'message.type == "chat.ping"', allow: 'true' },
];
const ada = { claims: { rooms: ['lobby', 'staff'] } };

describe('authorize', () => {
  it('lets through what the matching rule allows', () => {
    expect(ask(CHAT, { type: 'chat.send', room: 'lobby' }, ada).pass).toBe(true);
    expect(ask(CHAT, { type: 'chat.ping' }, ada).pass).toBe(true);
  });

  it.each([
    [{ type: 'chat.send', room: 'cellar' }, 'authorize[0] does not allow it'],
    [{ type: 'chat.delete' }, 'no rule of authorize matches'],
    [{ room: 'lobby' }, 'authorize[0] cannot be evaluated: no_such_key'],
    [{ type: 'chat.send' }, 'authorize[0] cannot be evaluated: no_such_key'],
    [{ type: ['chat.send'], room: 'lobby' }, 'no rule of authorize matches'],
    [{ type: 'chat.send', room: null }, 'authorize[0] does not allow it'],
    [null, 'authorize[0] cannot be evaluated: no_such_key'],
    ['chat.ping', 'authorize[0] cannot be evaluated: no_such_key'],
    [undefined, 'authorize[0] cannot be evaluated: unknown_variable'],
  ])('refuses %j: %s', (body, reason) => {
    expect(ask(CHAT, body, ada)).toMatchObject({ code: 'not_authorized', reason });
  });

  it('lets the first rule that matches decide', () => {
    const rules = [{ when: 'message.type == "a"', allow: 'message.n > 1' }, { allow: 'true' }];
    expect(ask(rules, { type: 'a', n: 1 }).pass).toBe(false);
    expect(ask(rules, { type: 'a', n: 2 }).pass).toBe(true);
    expect(ask(rules, { type: 'b' }).pass).toBe(true);
  });

  it.each([
    ['principal.subject == message.as', { as: 'ada' }, {}],
    ['"admin" in principal.roles', {}, { roles: ['admin'] }],
    ['principal.tenant == message.tenant', { tenant: 'acme' }, {}],
    ['!has(principal.tier) && has(principal.tenant)', {}, {}],
    ['claims.org.level >= 3', {}, { claims: { org: { level: 3 } } }],
    ['message.room.startsWith(principal.subject + "/")', { room: 'ada/1' }, {}],
    ['message.to.all(t, t in claims.rooms)', { to: ['staff', 'lobby'] }, ada],
    ['connection.path.endsWith("/" + principal.subject)', {}, { subject: 'chat' }],
    ['connection.address == "192.0.2.1" && connection.host == "ws.example.com"', {}, {}],
    ['!has(connection.origin)', {}, {}],
    ['message[2] == "Heartbeat"', [2, '1', 'Heartbeat', {}], {}],
    ['message.text.matches("^[a-z]+$")', { text: 'abc' }, {}],
    ['claims.flag', {}, { claims: { flag: true } }],
  ])('evaluates %s', (allow, body, principal) => {
    expect(allows(allow, body, principal)).toBe(true);
  });

  it.each([
    ['claims.flag', {}, { claims: { flag: 'true' } }],
    ['claims.flag', {}, { claims: { flag: 1 } }],
    ['message.text.matches("^[a-z]+$")', { text: 'abc1' }, {}],
    ['message.text.matches("a")', { text: 5 }, {}],
    ['message.n + 1 > 0', { n: 1 }, {}],
    ['principal.tier == "gold"', {}, {}],
    ['message.a.b.c == 1', { a: 1 }, {}],
    ['1 / int(message.n) == 1', { n: 0 }, {}],
  ])('refuses where %s is not true', (allow, body, principal) => {
    expect(allows(allow, body, principal)).toBe(false);
  });

  it.each(['true', 0, null, []])('does not pass over a rule whose when is %j', (flag) => {
    const rules = [{ when: 'claims.locked', allow: 'false' }, { allow: 'true' }];
    expect(ask(rules, {}, { claims: { locked: false } }).pass).toBe(true);
    expect(ask(rules, {}, { claims: { locked: flag } }).reason).toBe(
      'authorize[0] says neither true nor false',
    );
  });

  it('sees the principal that a refresh has put in place', () => {
    const guard = build([{ allow: '"writer" in principal.roles && claims.v == 2' }]);
    let principal = fakePrincipal({ roles: ['writer'], claims: { v: 2 } });
    const connection: Connection = {
      ...fakeConnection(),
      get principal() {
        return principal;
      },
    };
    expect(codeOf(guard.onMessage!(fakeMessage({}), connection))).toBe('pass');
    principal = fakePrincipal({ roles: [], claims: { v: 2 } });
    expect(codeOf(guard.onMessage!(fakeMessage({}), connection))).toBe('not_authorized');
  });

  it.each([
    'message.type == "a"',
    '"a" == message.type',
    'message.type == claims.own',
    'message.type in claims.own',
    '"a" in message.type',
    'message.type in principal.roles',
    'claims.own in message.type',
    'message.type == principal.tenant',
    'message.type == principal.tier',
  ])('judges %s at once as the evaluator does at length', (allow) => {
    const short = build([{ allow }]);
    const long = build([{ allow: `(${allow}) && true` }]);
    const lists = [[], ['a'], ['b', 'a'], ['b'], ['a', 7], [7, 'a'], ['b', 7]];
    const values = ['a', 'b', '', null, 7, true, { a: 'a' }, ...lists];
    const bodies = values.flatMap((type): unknown[] => [
      { type },
      { type, constructor: 1 },
      { type, constructor: { name: 'Object' } },
      Object.assign(Object.create(null), { type }),
      [type],
      type,
    ]);
    for (const body of [...bodies, {}, JSON.parse('{"__proto__":{"type":"a"}}')]) {
      for (const own of values) {
        const principal = fakePrincipal({ claims: { own }, roles: ['b', 'a'], tenant: 'a' });
        const [one, other] = [short, long].map((guard) =>
          guard.onMessage!(fakeMessage(body), fakeConnection({ principal })),
        );
        expect(one).toEqual(other);
      }
    }
  });

  it('does not mix up connections', () => {
    const guard = build([{ allow: 'principal.subject == message.as && connection.id == message.id' }]);
    const one = fakeConnection({ id: '1', principal: fakePrincipal({ subject: 'ada' }) });
    const two = fakeConnection({ id: '2', principal: fakePrincipal({ subject: 'bob' }) });
    for (let i = 0; i < 3; i++) {
      expect(codeOf(guard.onMessage!(fakeMessage({ as: 'ada', id: '1' }), one))).toBe('pass');
      expect(codeOf(guard.onMessage!(fakeMessage({ as: 'ada', id: '1' }), two))).toBe('not_authorized');
      expect(codeOf(guard.onMessage!(fakeMessage({ as: 'bob', id: '2' }), two))).toBe('pass');
    }
  });

  it('asks at the door only where there are rules for it', () => {
    expect(build([{ allow: 'true' }]).onUpgrade).toBeUndefined();
    const rules = [{ on: 'connect', allow: 'connection.path == "/chat"' }, { allow: 'false' }];
    const guard = build(rules);
    expect(codeOf(guard.onUpgrade!(fakeCandidate()))).toBe('pass');
    expect(codeOf(guard.onUpgrade!(fakeCandidate({ path: '/other' })))).toBe('not_authorized');
    expect(codeOf(guard.onMessage!(fakeMessage({}), fakeConnection()))).toBe('not_authorized');
  });

  it('is not there where nothing is configured', () => {
    expect(buildGuard(authorize, {})).toBeUndefined();
  });

  const problems = (rules: unknown) => {
    try {
      buildGuard(authorize, { authorize: rules });
    } catch (error) {
      if (error instanceof OptionsError) return error.problems.map((p) => [p.path.join('.'), p.message]);
      throw error;
    }
    return [];
  };

  it.each([
    ['mesage.room == "a"', 'Unknown variable: mesage (column 1)'],
    ['true && principal.subjet == "a"', 'No such key: subjet (column 19)'],
    ['connection.port == 1', 'No such key: port (column 12)'],
    ['principal.subject == 1', 'no such overload: string == int (column 1)'],
    ['message.a &&& b', 'Unexpected character: & (column 13)'],
    ['principal.subject', 'is a string, not a bool'],
    ['nope(message)', /nope/],
    ['message.a.matches(message.b)', 'matches() takes a pattern that is written here (column 19)'],
    ['message.a.matches("(")', 'matches() takes a pattern in RE2 syntax (column 19)'],
    ['message.a.matches("(?=a)")', 'matches() takes a pattern in RE2 syntax (column 19)'],
    ['principal.roles.matches("a")', /matches\(\) reads a string/],
    ['duration(message.d) > duration("1s")', 'duration() takes a text that is written here (column 1)'],
    ['message.a.all(a, a.all(b, b.all(c, c)))', /nest more than 2 deep/],
    [`message.a in [${'1,'.repeat(600)}1]`, /maxListElements/],
    [`${'('.repeat(100)}true${')'.repeat(100)}`, /maxDepth/],
    [`${'true&&'.repeat(600)}true`, /maxAstNodes/],
  ])('does not load %.60s', (allow, message) => {
    const [problem, ...more] = problems([{ when: 'true', allow }]);
    expect(more).toEqual([]);
    expect(problem?.[0]).toBe('authorize.0.allow');
    if (typeof message === 'string') expect(problem?.[1]).toBe(message);
    else expect(problem?.[1]).toMatch(message);
  });

  it('finds every fault of all rules at once', () => {
    const found = problems([
      { when: 'x', allow: 'y' },
      { on: 'connect', allow: 'message.a == 1' },
      { allow: 'z' },
    ]);
    expect(found.map(([path]) => path).sort()).toEqual([
      'authorize.0.allow',
      'authorize.0.when',
      'authorize.1.allow',
      'authorize.2.allow',
    ]);
  });

  it('does not load a rule that is never asked', () => {
    expect(problems([{ allow: 'true' }, { when: 'true', allow: 'false' }])).toEqual([
      ['authorize.1', 'is never asked: authorize[0] is about everything'],
    ]);
  });

  it('does not load rules that say nothing of messages', () => {
    expect(problems([{ on: 'connect', allow: 'true' }])[0]?.[1]).toContain('no rule for messages');
  });

  it.each([
    [],
    [{}],
    [{ allow: '' }],
    [{ allow: 'true', on: 'sunday' }],
    [{ allow: true }],
    [{ allow: 'x'.repeat(5_000) }],
  ])('does not load %.40j', (...rules) => {
    expect(() => buildGuard(authorize, { authorize: rules })).toThrow();
  });
});

describe('authorize, of a credential that was renewed', () => {
  const may = (role: string): Partial<Principal> => ({ roles: [role] });
  const rules: Rules = [
    { when: 'message.type == "write"', allow: '"writer" in principal.roles' },
    { when: 'message.type == "plain"', allow: '!("muted" in principal.roles)' },
    { when: 'message.type == "claim"', allow: 'has(claims.plan) && claims.plan == "gold"' },
  ];
  const bounds = (...all: Partial<Principal>[]) => ({ bounds: all.map(fakePrincipal) });

  it.each<[string, string, Partial<Principal>, Partial<Principal>[], boolean]>([
    ['what both allow', 'write', may('writer'), [may('writer')], true],
    ['what only the new one allows', 'write', may('writer'), [may('reader')], false],
    ['what only the old one allows', 'write', may('reader'), [may('writer')], false],
    ['what one of several old ones does not', 'write', may('writer'), [may('writer'), may('x')], false],
    ['what a new role takes away', 'plain', may('muted'), [may('reader')], false],
    ['what an old role took away', 'plain', may('reader'), [may('muted')], false],
    ['what a claim gives', 'claim', { claims: { plan: 'gold' } }, [{ claims: {} }], false],
  ])('%s', (_, type, principal, old, passes) => {
    expect(ask(rules, { type }, principal, bounds(...old)).pass).toBe(passes);
  });

  it('judges the next connection by its own rights again', () => {
    const guard = build(rules);
    const bound = fakeConnection({ principal: fakePrincipal(may('writer')), ...bounds(may('reader')) });
    const free = fakeConnection({ principal: fakePrincipal(may('writer')) });
    for (const [connection, passes] of [
      [bound, false],
      [free, true],
      [bound, false],
    ] as const)
      expect((guard.onMessage!(fakeMessage({ type: 'write' }), connection) as Refused).pass).toBe(passes);
  });

  it('asks the rules of the door again, and only where there are some', () => {
    const door = build([{ on: 'connect', allow: '"in" in principal.roles' }, { allow: 'true' }]);
    const connection = fakeConnection();
    expect(door.onRenewal!(connection, fakePrincipal(may('in'))).pass).toBe(true);
    expect(door.onRenewal!(connection, fakePrincipal(may('out'))).pass).toBe(false);
    expect(build([{ allow: 'true' }]).onRenewal).toBeUndefined();
  });

  it('shows those rules a connection as it was at the door', () => {
    const rule = 'connection.path == "/chat" && !has(connection.protocol)';
    const door = build([{ on: 'connect', allow: rule }, { allow: 'true' }]);
    expect(door.onRenewal!(fakeConnection({ protocol: 'chat.v1' }), fakePrincipal()).pass).toBe(true);
  });
});
