import { afterEach, describe, expect, it } from 'vitest';
import { type Asked, LIMITS, serveWellKnown, type WellKnownServer } from '../../test/support/desk.ts';
import { Guarded } from '../../test/support/guarded.ts';
import type { Facts } from '../edge/arrival.ts';
import { refuse } from '../pipeline/verdict.ts';
import { METRICS } from '../record/metrics.ts';
import type { PlainOperation, RouteCall, RouteOperation } from './operation.ts';
import { OPERATIONS } from './operations.ts';

const bounds = { maxBytes: 64, deadline: 200, rate: 'events' } as const;

const echo: PlainOperation = {
  id: 'echo',
  method: 'POST',
  path: '/echo/{id}',
  consumes: 'application/octet-stream',
  ...bounds,
  run: async ({ body, params }) => ({ status: 200, body: { heard: String(body), ...params } }),
};

const routeEcho: RouteOperation = {
  id: 'route',
  method: 'POST',
  path: '/route',
  consumes: 'application/json',
  ...bounds,
  offered: ({ name }) => name === 'chat',
  run: async ({ route, handshake }: RouteCall) => ({
    status: 200,
    body: { name: route.name, path: handshake.path },
  }),
};

const APP = 'https://app.example.com';
const octets = { 'Content-Type': 'application/octet-stream' };
const json = { 'Content-Type': 'application/json' };

let served: WellKnownServer;

afterEach(() => served.close());

async function serve(
  written: Record<string, unknown> = {},
  operation = [echo, routeEcho],
  facts: Partial<Facts> = {},
) {
  const guarded = new Guarded({ match: { path: '/chat' }, origins: [APP], ...written });
  served = await serveWellKnown(guarded.services, [guarded.route], operation, facts);
  return guarded;
}

const ask = (path: string, asked?: Asked) => served.ask(`/.well-known/sallyport${path}`, asked);

describe('the router', () => {
  it('answers in JSON that nobody keeps, and closes', async () => {
    await serve();
    const { status, headers, text } = await ask('/echo/a-1', { headers: octets, body: 'hello' });
    expect([status, JSON.parse(text)]).toEqual([200, { heard: 'hello', id: 'a-1' }]);
    expect(headers).toMatchObject({
      'cache-control': 'no-store',
      'content-type': 'application/json',
      'x-content-type-options': 'nosniff',
      connection: 'close',
    });
  });

  it('leaves every other path alone', async () => {
    await serve();
    for (const path of ['/', '/chat', '/.well-known/sallyport', '/.well-known/sallyports/echo/1'])
      expect([path, (await served.ask(path)).status]).toEqual([path, 418]);
  });

  it.each<[string, number, string, string, Asked]>([
    ['a path that is not in the table', 404, 'route_unknown', '/nothing', {}],
    ['a parameter that is no id', 404, 'route_unknown', '/echo/a%2fb', {}],
    ['another method', 405, 'method_not_allowed', '/echo/1', { method: 'GET' }],
    ['another media type', 415, 'media_type_unsupported', '/echo/1', { headers: json, body: '{}' }],
    ['no media type', 415, 'media_type_unsupported', '/echo/1', { body: 'x' }],
    [
      'a coded body',
      415,
      'media_type_unsupported',
      '/echo/1',
      { headers: { ...octets, 'Content-Encoding': 'gzip' } },
    ],
    [
      'a body that says it is too large',
      413,
      'body_too_large',
      '/echo/1',
      { headers: octets, body: 'x'.repeat(65) },
    ],
    [
      'one that does not say so',
      413,
      'body_too_large',
      '/echo/1',
      { headers: { ...octets, 'Transfer-Encoding': 'chunked' }, body: 'x'.repeat(65) },
    ],
    [
      'a body that does not come',
      408,
      'handshake_timeout',
      '/echo/1',
      { headers: octets, body: 'x', unfinished: true },
    ],
  ])('refuses %s: %d', async (_, status, code, path, asked) => {
    await serve();
    const told = await ask(path, asked);
    expect([told.status, JSON.parse(told.text).code]).toEqual([status, code]);
    expect(told.headers['cache-control']).toBe('no-store');
  });

  it('says which methods there are', async () => {
    await serve();
    expect((await ask('/echo/1', { method: 'PUT' })).headers.allow).toBe('POST, OPTIONS');
  });

  it('counts by address before it reads anything, and says when to come back', async () => {
    const perAddress = { ...LIMITS.perAddress, events: { count: 2, period: 60_000 } };
    const guarded = await serve({}, [echo, routeEcho], { limits: { ...LIMITS, perAddress } });
    for (let i = 0; i < 2; i++) expect((await ask('/echo/1', { headers: octets })).status).toBe(200);
    const { status, headers, text } = await ask('/echo/1');
    expect([status, JSON.parse(text).code]).toEqual([429, 'rate_exceeded']);
    expect(Number(headers['retry-after'])).toBeGreaterThan(0);
    guarded.clock.pass(60_000);
    expect((await ask('/echo/1', { headers: octets })).status).toBe(200);
  });

  it.each<[string, PlainOperation['run']]>([
    ['throws', () => Promise.reject(new Error('no'))],
    ['does not come to an end', () => new Promise(() => {})],
  ])('answers 500 for an operation that %s, and tells the operator', async (_, run) => {
    const guarded = await serve({}, [{ ...echo, run }]);
    const { status, text } = await ask('/echo/1', { headers: octets });
    expect([status, JSON.parse(text)]).toEqual([500, { code: 'internal', reason: 'internal error' }]);
    expect(guarded.journal.named('gateway.fault')).toMatchObject([{ where: 'well-known echo' }]);
  });

  it.each<[string, number, Partial<Facts>]>([
    ['certificate_untrusted', 401, { untrusted: refuse('certificate_untrusted', 'of a stranger') }],
    ['misdirected', 421, { serves: () => false }],
  ])('believes no more of a connection than an upgrade does: %s', async (code, status, facts) => {
    const guarded = new Guarded();
    served = await serveWellKnown(guarded.services, [guarded.route], [echo], facts);
    const told = await ask('/echo/1', { headers: octets });
    expect([told.status, JSON.parse(told.text).code]).toEqual([status, code]);
  });

  it('records who asked and what became of it', async () => {
    const run = async () => refuse('session_unknown', 'why it is so');
    const guarded = await serve({}, [{ ...echo, run }]);
    const { text } = await ask('/echo/s-1', { headers: octets });
    expect(text).not.toContain('why');
    expect(guarded.journal.named('request.refused')).toMatchObject([
      { operation: 'echo', session: 's-1', address: '192.0.2.1', code: 'session_unknown', status: 404 },
    ]);
  });
});

describe('an operation about a route', () => {
  const chat = JSON.stringify({ path: '/chat' });

  it('is asked by the pages that the route lets in, and by no others', async () => {
    await serve();
    const good = await ask('/route', { headers: { ...json, Origin: APP }, body: chat });
    expect([good.status, JSON.parse(good.text)]).toEqual([200, { name: 'chat', path: '/chat' }]);
    expect(good.headers).toMatchObject({ 'access-control-allow-origin': APP, vary: 'Origin' });
    expect(good.headers).not.toHaveProperty('access-control-allow-credentials');
    for (const Origin of ['https://evil.example.com', 'null', `${APP}.evil.com`]) {
      const bad = await ask('/route', { headers: { ...json, Origin }, body: chat });
      expect([Origin, bad.status, JSON.parse(bad.text).code]).toEqual([Origin, 403, 'origin_denied']);
      expect(bad.headers).not.toHaveProperty('access-control-allow-origin');
    }
    expect((await ask('/route', { headers: json, body: chat })).status).toBe(403);
  });

  it('is asked by a program where the route lets programs in', async () => {
    await serve({ origins: [APP, 'absent'] });
    const { status, headers } = await ask('/route', { headers: json, body: chat });
    expect([status, headers['access-control-allow-origin']]).toEqual([200, undefined]);
  });

  it('answers a preflight for those pages alone', async () => {
    await serve();
    const asked = { method: 'OPTIONS', headers: { Origin: APP, 'Access-Control-Request-Method': 'POST' } };
    const good = await ask('/route', asked);
    expect([good.status, good.text]).toEqual([204, '']);
    expect(good.headers).toMatchObject({
      'access-control-allow-origin': APP,
      'access-control-allow-methods': 'POST',
      'access-control-allow-headers': 'authorization, content-type',
    });
    for (const Origin of ['https://evil.example.com', 'null'])
      expect((await ask('/route', { ...asked, headers: { Origin } })).status).toBe(403);
    expect((await ask('/echo/1', asked)).status).toBe(403);
  });

  it.each([
    ['no JSON', '{', 400, 'request_malformed'],
    ['no path', '{"host":"x"}', 400, 'request_malformed'],
    ['a path twice', '{"path":"/chat","path":"/other"}', 400, 'request_malformed'],
    ['a path that is none', '{"path":"/a/../chat"}', 400, 'target_invalid'],
    ['a path of no route', '{"path":"/other"}', 404, 'route_unknown'],
  ])('refuses %s', async (_, body, status, code) => {
    await serve();
    const told = await ask('/route', { headers: { ...json, Origin: APP }, body });
    expect([told.status, JSON.parse(told.text).code]).toEqual([status, code]);
  });

  it('is refused for a route that does not offer it', async () => {
    await serve({ name: 'other' });
    const told = await ask('/route', { headers: { ...json, Origin: APP }, body: chat });
    expect([told.status, JSON.parse(told.text).code]).toEqual([404, 'not_offered']);
  });
});

it('has an id for each operation that the metric knows', () => {
  const { operation } = METRICS.sallyport_requests_total.labels;
  for (const { id } of OPERATIONS) expect(operation).toContain(id);
});
