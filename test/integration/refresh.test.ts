import { afterEach, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { jwt } from '../../src/identity/jwt.ts';
import { Registry } from '../../src/session/registry.ts';
import { Renewals } from '../../src/session/renewals.ts';
import { LocalBus } from '../../src/store/bus.ts';
import { type Store, StoreError } from '../../src/store/store.ts';
import { Chat, echoes } from '../support/chat.ts';
import { openRaw } from '../support/raw-client.ts';
import { text } from '../support/raw-frames.ts';
import type { RawPeer } from '../support/raw-peer.ts';
import { askWellKnown, refresh, showing, ticketFor } from '../support/well-known.ts';

// Renewing a credential, as PROTOCOL.md has it, before a gateway that runs.

let chat: Chat;

afterEach(() => chat.close());

const JSON_DIALECT = {
  json: {
    type: '/type',
    id: '/id',
    refusal: '{"type":"error","re":{id},"code":{code}}',
    refresh: { type: 'auth.refresh', answer: '{"type":"auth.ok","re":{id},"expiresIn":{expiresIn}}' },
  },
};
const RPC = { 'json-rpc': { refresh: { method: 'auth.refresh' } } };

async function join(route: Readonly<Record<string, unknown>>): Promise<RawPeer> {
  chat = await Chat.open({ route });
  return chat.join();
}

const said = async (peer: RawPeer) => JSON.parse(String((await peer.nextOf('text')).payload));

/** What the backend has been sent, as text. */
const heard = () =>
  chat.upstream.peers.flatMap(({ received }) =>
    received.filter(({ kind }) => kind === 'text').map(({ payload }) => String(payload)),
  );

describe('in a message', () => {
  it('of JSON: the token is taken, the client is told, the backend sees nothing, and order is kept', async () => {
    const peer = await join({ dialect: JSON_DIALECT });
    const token = chat.token({ jti: 't-2' });
    for (const message of [{ type: 'a' }, { type: 'auth.refresh', id: 7, token }, { type: 'b' }])
      peer.send(text(JSON.stringify(message)));
    const answers = [await said(peer), await said(peer), await said(peer)];
    expect(answers.filter(({ type }) => type !== 'auth.ok')).toEqual([{ type: 'a' }, { type: 'b' }]);
    const [ok] = answers.filter(({ type }) => type === 'auth.ok');
    expect(ok).toEqual({ type: 'auth.ok', re: 7, expiresIn: expect.any(Number) });
    expect(ok.expiresIn).toBeGreaterThan(800_000);
    expect(heard()).toEqual(['{"type":"a"}', '{"type":"b"}']);
    expect(chat.named('credential.renewed')).toMatchObject([{ by: 'message', subject: 'ada' }]);
    expect(JSON.stringify(chat.log)).not.toContain(token);
    expect((await chat.ask('GET', '/sessions?tokenId=t-2')).json().total).toBe(1);
  });

  it('of JSON-RPC: a request gets a result, a notification nothing', async () => {
    const peer = await join({ dialect: RPC });
    const call = { jsonrpc: '2.0', method: 'auth.refresh', params: { token: chat.token() } };
    peer.send(text(JSON.stringify(call)));
    peer.send(text(JSON.stringify({ ...call, id: 'r-1' })));
    expect(await said(peer)).toEqual({
      jsonrpc: '2.0',
      id: 'r-1',
      result: { expiresIn: expect.any(Number) },
    });
    expect(chat.named('credential.renewed')).toHaveLength(2);
    expect(heard()).toEqual([]);
  });

  it.each<[string, { token?: string | number }, string]>([
    ['a token that has run out', { token: 'expired' }, 'credential_expired'],
    ['no token', {}, 'message_malformed'],
    ['a token that is none', { token: 7 }, 'message_malformed'],
    ['garbage', { token: 'garbage' }, 'credential_malformed'],
  ])('with %s: an error in the words of the dialect, and the session goes on', async (_, params, code) => {
    const peer = await join({ dialect: RPC });
    if (params.token === 'expired') params.token = chat.token({ exp: Math.floor(Date.now() / 1_000) - 1 });
    peer.send(text(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'auth.refresh', params })));
    expect(await said(peer)).toMatchObject({ id: 1, error: { data: { code } } });
    await echoes(peer, '{"jsonrpc":"2.0","method":"still"}');
  });

  it('a batch with one in it is refused whole', async () => {
    const peer = await join({ dialect: RPC });
    const call = { jsonrpc: '2.0', id: 1, method: 'auth.refresh', params: { token: chat.token() } };
    peer.send(text(JSON.stringify([call, { jsonrpc: '2.0', id: 2, method: 'x' }])));
    expect((await said(peer)).map(({ id, error }: never) => [id, (error as { code: number }).code])).toEqual([
      [1, -32_600],
      [2, -32_600],
    ]);
    expect(chat.named('credential.renewed')).toEqual([]);
  });

  it('goes on to a backend that is to answer it, if its token is good', async () => {
    const dialect = { json: { ...JSON_DIALECT.json, refresh: { type: 'auth.refresh', forward: true } } };
    const peer = await join({ dialect });
    const good = JSON.stringify({ type: 'auth.refresh', token: chat.token() });
    peer.send(text(JSON.stringify({ type: 'auth.refresh', token: 'garbage' })));
    expect(await said(peer)).toMatchObject({ type: 'error', code: 'credential_malformed' });
    await echoes(peer, good);
    expect(heard()).toEqual([good]);
  });

  it('needs no rule and no schema, for no guard judges what is between client and gateway', async () => {
    const rules = [{ allow: 'message.type == "a"' }];
    const peer = await join({ dialect: JSON_DIALECT, authorize: rules });
    peer.send(text(JSON.stringify({ type: 'auth.refresh', token: chat.token() })));
    expect(await said(peer)).toMatchObject({ type: 'auth.ok' });
    peer.send(text('{"type":"b"}'));
    expect(await said(peer)).toMatchObject({ code: 'not_authorized' });
  });

  it('is refused on a session that no token has opened', async () => {
    chat = await Chat.open({ route: { identify: ['visitors'], dialect: JSON_DIALECT } });
    const peer = await chat.join();
    peer.send(text(JSON.stringify({ type: 'auth.refresh', token: 'x' })));
    expect(await said(peer)).toMatchObject({ code: 'credential_missing' });
    await echoes(peer, '{"type":"a"}');
  });
});

describe('the name of a session', () => {
  it.each([
    [{ refresh: {} }, true],
    [{ tickets: {} }, true],
    [{}, false],
  ])('on a route with %j is in the 101: %s', async (route, there) => {
    chat = await Chat.open({ route });
    const { headers } = await openRaw({
      port: chat.gateway.port,
      path: '/chat',
      tls: { ca: chat.ca.cert },
      headers: { Authorization: `Bearer ${chat.token()}` },
    });
    const { session } = await chat.gateway.logged('upgrade.accepted');
    expect(headers.get('sallyport-session')).toBe(there ? session : undefined);
  });

  it('comes with a ticket, so that a browser can renew what it opens', async () => {
    chat = await Chat.open({ route: { tickets: {}, refresh: {}, protocols: ['chat.v1'] } });
    const { ticket, session } = await ticketFor(chat);
    const socket = new WebSocket(`${chat.gateway.url}/chat`, ['chat.v1', `ticket.${ticket}`], {
      ca: chat.ca.cert,
    });
    await new Promise((resolve, reject) => socket.on('open', resolve).on('error', reject));
    expect((await refresh(chat, session, { jti: 't-2' })).status).toBe(200);
    socket.terminate();
  });
});

describe('two processes', () => {
  /** Another process on the same bus that holds no session, and asks. */
  async function twin() {
    chat = await Chat.open({ route: { refresh: {} } });
    const peer = await chat.join();
    const session = String((await chat.gateway.logged('session.opened')).session);
    const { services, plan } = inside(chat);
    const store = { kind: 'redis' } as Store;
    const other = new Renewals(new Registry(), { ...services, store, node: 'another' });
    return { peer, session, other, route: plan.routes[0]!, services };
  }

  const inside = ({ gateway: { gateway } }: Chat) => ({ services: gateway.services, plan: gateway.plan() });

  const offerOf = (changes: object = {}) => ({
    principal: {
      identity: 'staff',
      subject: 'ada',
      roles: [],
      claims: { iss: 'https://id.example.com', sub: 'ada' },
      tokenId: 't-2',
      expiresAt: Date.now() + 60_000,
      ...changes,
    },
    host: 'localhost',
    path: '/chat',
    origin: undefined,
    certificate: undefined,
  });

  it('a credential that one has verified reaches the session of the other', async () => {
    const { peer, session, other, route } = await twin();
    const done = await other.offer(session, route, offerOf());
    expect(done).toMatchObject({ pass: true });
    expect((await chat.ask('GET', '/sessions?tokenId=t-2')).json().total).toBe(1);
    await echoes(peer);
  });

  it('what the other refuses is refused, and told by its name', async () => {
    const { session, other, route } = await twin();
    expect(await other.offer(session, route, offerOf({ subject: 'eve' }))).toMatchObject({
      code: 'session_unknown',
    });
    expect(await other.offer(session, route, offerOf({ expiresAt: Date.now() - 1 }))).toMatchObject({
      code: 'credential_expired',
    });
    expect(chat.named('credential.refused')).toHaveLength(2);
  });

  it('a session that nobody has is unknown, once nobody has answered', async () => {
    const { other, route } = await twin();
    expect(await other.offer('nobody-has-it', route, offerOf())).toMatchObject({
      code: 'session_unknown',
      reason: 'no process has it',
    });
  });

  it('a bus that is away: 503', async () => {
    const { session, route, services } = await twin();
    const bus = new LocalBus();
    bus.publish = () => Promise.reject(new StoreError('away'));
    const store = { kind: 'redis' } as Store;
    const alone = new Renewals(new Registry(), { ...services, store, bus, node: 'alone' });
    expect(await alone.offer(session, route, offerOf())).toMatchObject({ code: 'state_unavailable' });
  });

  it('a ticket of one opens a socket at the other', async () => {
    chat = await Chat.open({ route: { tickets: {} } });
    const { ticket, session } = await ticketFor(chat);
    const kept = await chat.gateway.gateway.services.store.list('ticket/');
    const first = chat;
    chat = await Chat.open({ route: { tickets: {} } });
    for (const [key, value] of kept) await chat.gateway.gateway.services.store.set(key, value, 30_000);
    // The path is the same, the host too: only the port is another, and that is no part of a host.
    const peer = await chat.join({}, showing(ticket));
    await echoes(peer);
    expect(chat.named('session.opened')).toMatchObject([{ session, subject: 'ada' }]);
    await first.close();
  });
});

it('takes the token of a client that knows subprotocols alone', async () => {
  const staff = {
    [jwt.name]: {
      issuer: 'https://id.example.com',
      audience: 'chat',
      algorithms: ['ES256'],
      jwks: 'keys.json',
      tokenFrom: ['subprotocol'],
    },
  };
  chat = await Chat.open({ config: { identities: { staff } }, route: { tickets: {} } });
  const fields = { Authorization: `Bearer ${chat.token()}` };
  expect((await askWellKnown(chat, '/tickets', { path: '/chat' }, fields)).status).toBe(201);
});

it('takes a cookie where an identity reads one, and lets the page read the answer', async () => {
  const APP = 'https://app.example.com';
  const staff = {
    [jwt.name]: {
      issuer: 'https://id.example.com',
      audience: 'chat',
      algorithms: ['ES256'],
      jwks: 'keys.json',
      tokenFrom: ['cookie:sid'],
    },
  };
  chat = await Chat.open({ config: { identities: { staff } }, route: { tickets: {}, origins: [APP] } });
  const Cookie = `sid=${chat.token()}`;
  const good = await askWellKnown(chat, '/tickets', { path: '/chat' }, { Cookie, Origin: APP });
  expect(good.status).toBe(201);
  expect(good.headers).toMatchObject({
    'access-control-allow-origin': APP,
    'access-control-allow-credentials': 'true',
  });
  const crossSite = { Cookie, Origin: APP, 'Sec-Fetch-Site': 'cross-site' };
  expect((await askWellKnown(chat, '/tickets', { path: '/chat' }, crossSite)).status).toBe(403);
  expect((await askWellKnown(chat, '/tickets', { path: '/chat' }, { Cookie })).status).toBe(403);
});

it('bounds what one address may ask by the rates of the listener, each for itself', async () => {
  const perAddress = { tickets: '1/h', refreshes: '2/h' };
  chat = await Chat.open({ route: { tickets: {}, refresh: {} }, listener: { limits: { perAddress } } });
  const ask = async (path: string) => {
    const { status, headers } = await askWellKnown(chat, path, { path: '/chat' });
    return [status, Number(headers['retry-after']) > 60];
  };
  const [asked, crowded] = [
    [401, false],
    [429, true],
  ];
  expect([await ask('/tickets'), await ask('/tickets')]).toEqual([asked, crowded]);
  const refresh = '/sessions/x/refresh';
  expect([await ask(refresh), await ask(refresh), await ask(refresh)]).toEqual([asked, asked, crowded]);
});
