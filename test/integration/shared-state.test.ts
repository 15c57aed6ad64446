import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { ConfigError } from '../../src/config/problem.ts';
import { Chat, echoes } from '../support/chat.ts';
import { describeWith } from '../support/programs.ts';
import type { RawPeer } from '../support/raw-peer.ts';
import { type Redis, startRedis } from '../support/redis.ts';

// AX-05, AX-08: two gateways share one server, and what is revoked at one is revoked at both, whatever becomes of the server.

let redis: Redis;
let here: Chat;
let there: Chat;
const opened: Chat[] = [];

async function open(state: Record<string, unknown> = {}): Promise<Chat> {
  const node = `web-${opened.length + 1}`;
  const chat = await Chat.open({
    config: {
      node,
      emergency: { subjects: ['ada'] },
      state: { redis: `${redis.url}?timeout=2000`, ...state },
    },
  });
  opened.push(chat);
  return chat;
}

const iat = () => Math.floor(Date.now() / 1_000) - 5;
const revoke = (by: string, value: string, chat = here) => chat.ask('POST', '/revocations', { by, value });
const closeOf = async (peer: RawPeer) => (await peer.nextOf('close')).code;
const refused = (chat: Chat, sub: string) => chat.knock({ sub, iat: iat() });

describeWith('redis-server', 'two gateways that share a server', () => {
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());
  beforeEach(async () => {
    [here, there] = [await open(), await open()];
  });
  afterEach(async () => {
    redis.thaw();
    await redis.start();
    for (const chat of opened.splice(0)) await chat.close();
    await redis.send('FLUSHALL');
  });

  it.each<[string, () => string]>([
    ['subject', () => 'ada'],
    ['tenant', () => 'acme'],
    ['tokenId', () => 'jti-7'],
    ['session', (): string => [...there.gateway.gateway.operator.sessions({}, '', 1).sessions][0]!.id],
    ['address', () => '127.0.0.1'],
    ['address', () => '127.0.0.0/8'],
  ])('end a session by its %s, whichever of them it is at', async (by, value) => {
    const peer = await there.join({ sub: 'ada', org: 'acme', jti: 'jti-7', iat: iat() });
    expect((await revoke(by, value())).json()).toEqual({ ended: 1, kept: true });
    expect(await closeOf(peer)).toBe(4500);
    if (by !== 'session') {
      const again = await there.knock({ sub: 'ada', org: 'acme', jti: 'jti-7', iat: iat() });
      expect(again).toMatchObject({ status: by === 'address' ? 403 : 401 });
    }
  });

  it('end no session that is not meant', async () => {
    const peer = await there.join({ sub: 'bob', iat: iat() });
    const ended = await there.join({ sub: 'ada', iat: iat() });
    await revoke('address', '192.0.2.0/24');
    await revoke('subject', 'ada');
    await closeOf(ended);
    await echoes(peer);
  });

  it('are one to operators, whichever of them is asked: sessions are listed, read and kicked wherever they are', async () => {
    const [ada, bob] = [await there.join({ sub: 'ada' }), await there.join({ sub: 'bob' })];
    const carol = await here.join({ sub: 'carol' });
    const sessions = async (query = '') => (await here.ask('GET', `/sessions?${query}`)).json();
    const all = await sessions();
    expect(all).toMatchObject({ total: 3 });
    expect(all).not.toHaveProperty('missing');
    const nodes = all.sessions.map((each: { subject: string; node: string }) => [each.subject, each.node]);
    expect(Object.fromEntries(nodes)).toEqual({ ada: 'web-2', bob: 'web-2', carol: 'web-1' });
    expect(await sessions('node=web-2')).toMatchObject({ total: 2 });
    expect(await sessions('node=web-2&subject=carol')).toEqual({ sessions: [], total: 0 });
    const first = await sessions('limit=2');
    const rest = await sessions(`limit=2&after=${first.next}`);
    expect([...first.sessions, ...rest.sessions]).toEqual(all.sessions);
    expect(rest).not.toHaveProperty('next');

    const { id } = all.sessions.find(({ subject }: { subject: string }) => subject === 'ada');
    expect((await here.ask('GET', `/sessions/${id}`)).json()).toMatchObject({ id, node: 'web-2' });
    expect((await here.ask('DELETE', `/sessions/${id}`)).json()).toEqual({ kicked: 1 });
    expect(await closeOf(ada)).toBe(4501);
    await vi.waitFor(async () => expect((await here.ask('GET', `/sessions/${id}`)).status).toBe(404));
    expect((await here.ask('DELETE', `/sessions/${id}`)).status).toBe(404);
    expect((await here.ask('DELETE', '/sessions?subject=bob')).json()).toEqual({ kicked: 1 });
    expect(await closeOf(bob)).toBe(4501);
    expect((await there.ask('DELETE', '/sessions?node=web-1')).json()).toEqual({ kicked: 1 });
    expect(await closeOf(carol)).toBe(4501);
  });

  it('have one emergency, switched on and off at either of them, and known to one that starts later', async () => {
    const on = async (chat: Chat) => (await chat.ask('GET', '/emergency')).json().on;
    const known = (chat: Chat, state: boolean) => vi.waitFor(async () => expect(await on(chat)).toBe(state));
    expect([await on(here), await on(there)]).toEqual([false, false]);
    const begun = await here.ask('POST', '/emergency', { minutes: 5, reason: 'the provider burns' });
    expect(begun.json()).toEqual({ on: true, until: expect.any(String) });
    await known(there, true);
    expect((await there.ask('GET', '/emergency')).json()).toEqual(begun.json());
    expect(await on(await open())).toBe(true);
    expect((await there.ask('DELETE', '/emergency')).json()).toEqual({ on: false });
    await known(here, false);
  });

  it('drain each for itself: the other goes on, and its sessions are those that are left', async () => {
    const [stays, goes] = [await there.join({ sub: 'ada' }), await here.join({ sub: 'bob' })];
    const closed = goes.closed();
    void here.gateway.gateway.drain({ window: 0 });
    expect(await closed).toMatchObject({ code: 1012 });
    await here.gateway.logged('drain.finished');
    expect(await refused(here, 'carol')).toMatchObject({ status: 503 });
    expect(await refused(there, 'carol')).toBe('in');
    await echoes(stays);
    const { sessions } = (await here.ask('GET', '/sessions?subject=ada')).json();
    expect(sessions).toMatchObject([{ subject: 'ada', node: 'web-2' }]);
    expect(there.named('drain.started')).toEqual([]);
  });

  it('take back a revocation at both', async () => {
    await revoke('subject', 'ada');
    await vi.waitFor(async () => expect(await refused(there, 'ada')).toMatchObject({ status: 401 }));
    const [{ id }] = (await there.ask('GET', '/revocations')).json().revocations;
    expect((await there.ask('DELETE', `/revocations/${id}`)).status).toBe(200);
    await vi.waitFor(async () => expect(await refused(here, 'ada')).toBe('in'));
  });

  it('know at their start what was revoked before', async () => {
    await revoke('subject', 'ada');
    expect(await refused(await open(), 'ada')).toMatchObject({ status: 401 });
  });

  it('write again what the server has lost', async () => {
    await revoke('subject', 'ada');
    const peer = await there.join({ sub: 'bob', iat: iat() });
    await redis.send('FLUSHALL');
    await Promise.all([here.gateway.logged('state.emptied'), there.gateway.logged('state.emptied')]);
    await vi.waitFor(
      async () => expect(await here.gateway.gateway.services.store.list('revocation/')).toHaveLength(1),
      {
        timeout: 10_000,
      },
    );
    expect(await refused(await open(), 'ada')).toMatchObject({ status: 401 });
    // It was never away: nobody noticed, and nothing was wrong.
    await echoes(peer);
    for (const chat of [here, there]) {
      expect(await chat.check('state')).toMatchObject({ healthy: true });
      expect([...chat.named('state.lost'), ...chat.named('gateway.fault')]).toEqual([]);
    }
  });

  it('go on without the server, say so, and tell each other afterwards', async () => {
    await revoke('subject', 'ada');
    const peer = await there.join({ sub: 'bob', iat: iat() });
    await redis.kill();
    await Promise.all([here.gateway.logged('state.lost'), there.gateway.logged('state.lost')]);
    expect(here.named('state.lost')).toMatchObject([{ kind: 'redis' }]);
    expect(await here.check('state')).toMatchObject({ healthy: false });
    expect(await here.metric('sallyport_health', { check: 'state' })).toBe(0);
    expect((await here.ask('GET', '/health/ready')).status).toBe(200);
    await echoes(peer);
    expect(await refused(here, 'ada')).toMatchObject({ status: 401 });
    const { status, json } = await revoke('subject', 'bob');
    expect([status, json().detail]).toEqual([500, expect.stringMatching(/in force here/)]);
    expect(await refused(here, 'bob')).toMatchObject({ status: 401 });
    expect(await refused(there, 'bob')).toBe('in'); // it cannot know

    await redis.start();
    expect(await closeOf(peer)).toBe(4500);
    await there.gateway.logged('state.back');
    expect(await refused(there, 'bob')).toMatchObject({ status: 401 });
    await vi.waitFor(async () => expect(await here.check('state')).toMatchObject({ healthy: true }), {
      timeout: 10_000,
    });
    // The server kept nothing, and has both of them again.
    const { store } = here.gateway.gateway.services;
    await vi.waitFor(async () => expect(await store.list('revocation/')).toHaveLength(2));
  });

  it('keep nobody waiting for a server that does not answer', async () => {
    const peer = await there.join({ sub: 'bob' });
    redis.freeze();
    await echoes(peer);
    expect(await refused(there, 'carol')).toBe('in');
    expect((await revoke('subject', 'carol')).status).toBe(500);
    await there.gateway.logged('state.lost');
    await echoes(peer);
    redis.thaw();
    await there.gateway.logged('state.back');
    await vi.waitFor(async () => expect(await refused(there, 'carol')).toMatchObject({ status: 401 }), {
      timeout: 10_000,
    });
  });

  it('do not start where they cannot know what is revoked, except where that is said out loud', async () => {
    await revoke('subject', 'ada');
    await redis.send('SAVE');
    await redis.kill();
    for (const fail of ['local', 'closed']) {
      const error = await open({ fail }).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(ConfigError);
      const problems = [
        { path: 'state.redis', message: expect.stringMatching(/cannot read what is revoked/) },
      ];
      expect((error as ConfigError).problems).toMatchObject(problems);
    }
    const blind = await open({ fail: 'open' });
    expect(await refused(blind, 'ada')).toBe('in');
    await redis.start();
    await vi.waitFor(async () => expect(await refused(blind, 'ada')).toMatchObject({ status: 401 }), {
      timeout: 10_000,
    });
  });
});
