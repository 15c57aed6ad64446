import { Ajv2020 } from 'ajv/dist/2020.js';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Journal } from '../../test/support/journal.ts';
import { FakeOperator, session } from '../../test/support/operator.ts';
import { type Revocation, revocationId } from '../store/revocations.ts';
import { StoreError } from '../store/store.ts';
import { createApp } from './app.ts';
import { OPERATIONS } from './operations.ts';
import { Unanswered } from './operator.ts';
import { PROBLEM } from './views.ts';

const TOKEN = 'operators-token-0001';
const SCRAPE = 'metrics-token-000001';

let operator: FakeOperator;
let journal: Journal;
let app: ReturnType<typeof createApp>;

beforeEach(() => {
  operator = new FakeOperator(
    session('a1'),
    session('a2', { subject: 'bob' }),
    session('a3', { subject: 'bob', tenant: 'globex', address: '192.0.2.9' }),
  );
  journal = new Journal();
  app = createApp(operator, journal.record, {
    tokens: [
      { name: 'admin', value: TOKEN, access: 'operator' },
      { name: 'prometheus', value: SCRAPE, access: 'metrics' },
    ],
    hosts: ['admin.example.com'],
  });
});

/** `GET /sessions`, with the operators' token unless another, or none (''), is given. */
async function ask(request: string, token = TOKEN, headers: Record<string, string> = {}, body?: unknown) {
  const [method = '', path = ''] = request.split(' ');
  const response = await app.request(path, {
    method,
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    headers: { host: 'localhost:9900', ...(token && { authorization: `Bearer ${token}` }), ...headers },
  });
  const text = await response.text();
  const type = response.headers.get('content-type') ?? '';
  return { status: response.status, type, text, headers: response.headers, json: () => JSON.parse(text) };
}

describe('sessions', () => {
  it('are listed in the order of their ids, without their claims', async () => {
    const { status, text, json } = await ask('GET /sessions');
    expect(status).toBe(200);
    expect(json().total).toBe(3);
    expect(json().sessions.map(({ id }: { id: string }) => id)).toEqual(['a1', 'a2', 'a3']);
    expect(json().sessions[0]).toEqual({
      id: 'a1',
      node: 'web-1',
      route: 'chat',
      identity: 'staff',
      subject: 'alice',
      tenant: 'acme',
      roles: ['user'],
      tokenId: 'jti-a1',
      address: '192.0.2.1',
      host: 'ws.example.com',
      path: '/chat',
      origin: 'https://app.example.com',
      protocol: 'chat.v1',
      since: '2026-01-01T00:00:00.000Z',
      expires: '2026-01-02T00:00:00.000Z',
    });
    expect(text).not.toContain('nobody asked');
  });

  it.each([
    ['subject=bob', ['a2', 'a3']],
    ['subject=bob&tenant=acme', ['a2']],
    ['address=192.0.2.9', ['a3']],
    ['tokenId=jti-a1', ['a1']],
    ['route=other', []],
  ])('are filtered by %s', async (query, ids) => {
    const { json } = await ask(`GET /sessions?${query}`);
    expect(json().sessions.map(({ id }: { id: string }) => id)).toEqual(ids);
  });

  it('come a page at a time', async () => {
    const first = (await ask('GET /sessions?limit=2')).json();
    expect(first).toMatchObject({ total: 3, next: 'a2' });
    operator.open.delete('a2');
    const second = (await ask(`GET /sessions?limit=2&after=${first.next}`)).json();
    expect(second.sessions.map(({ id }: { id: string }) => id)).toEqual(['a3']);
    expect(second).not.toHaveProperty('next');
  });

  it('are read one by one', async () => {
    expect((await ask('GET /sessions/a2')).json()).toMatchObject({ id: 'a2', subject: 'bob' });
    expect((await ask('GET /sessions/none')).status).toBe(404);
  });

  it('are ended by id', async () => {
    expect((await ask('DELETE /sessions/a2')).json()).toEqual({ kicked: 1 });
    expect(operator.calls).toEqual(['kick a2']);
    expect((await ask('DELETE /sessions/a2')).status).toBe(404);
  });

  it.each([
    ['subject=bob', ['kick a2', 'kick a3']],
    ['tenant=acme', ['kick a1', 'kick a2']],
    ['address=192.0.2.9', ['kick a3']],
  ])('are ended by %s', async (query, calls) => {
    expect((await ask(`DELETE /sessions?${query}`)).json()).toEqual({ kicked: calls.length });
    expect(operator.calls).toEqual(calls);
  });

  it('are listed with the names of those who did not answer', async () => {
    const { sessions } = operator;
    operator.sessions = (...asked) => ({ ...sessions.apply(operator, asked), missing: ['worker 2'] });
    expect((await ask('GET /sessions')).json()).toMatchObject({ total: 3, missing: ['worker 2'] });
  });

  it('that were not all ended in time are said not to be', async () => {
    operator.kickAll = () => {
      throw new Unanswered('worker 2 has not answered');
    };
    const { status, json } = await ask('DELETE /sessions?subject=bob');
    expect([status, json().detail]).toEqual([504, 'worker 2 has not answered']);
  });

  it('are not all ended by mistake', async () => {
    for (const query of ['', '?subject=', '?sujbect=bob', '?subject=bob&subject=alice']) {
      expect((await ask(`DELETE /sessions${query}`)).status, query).toBe(400);
    }
    expect(operator.calls).toEqual([]);
  });
});

it('finds a session by its serial number, however it is written', async () => {
  const one = session('b1');
  operator.open.set('b1', { ...one, principal: { ...one.principal, certificateSerial: 'a1bc' } });
  for (const written of ['a1bc', '00:A1:BC']) {
    expect((await ask(`GET /sessions?certificateSerial=${written}`)).json().total).toBe(1);
  }
});

describe('revocations', () => {
  it('names who has not said what it ended', async () => {
    const missing = ['node web-2 has not answered within 2 s'];
    operator.revoked = { ended: 1, kept: true, missing };
    const { status, json } = await revoke({ by: 'subject', value: 'ada' });
    expect([status, json()]).toEqual([200, { ended: 1, kept: true, missing }]);
  });

  it('that could not be kept are no success, though they are in force', async () => {
    operator.revoked = { ended: 1, kept: false, problem: 'it would not outlive a restart: ENOSPC' };
    const { status, json: body } = await revoke({ by: 'subject', value: 'mallory' });
    expect(status).toBe(500);
    expect(body().detail).toMatch(/in force.*ENOSPC/);
  });

  const json = { 'content-type': 'application/json' };
  const revoke = (body: unknown, headers: Record<string, string> = json) =>
    ask('POST /revocations', TOKEN, headers, body);

  it('are passed on, times as milliseconds', async () => {
    expect((await revoke({ by: 'subject', value: 'mallory' })).json()).toEqual({ ended: 1, kept: true });
    const until = '2026-01-02T01:00:00+01:00';
    await revoke({ by: 'tokenId', value: 'jti-1', issuedBefore: '2026-01-01T00:00:00Z', until });
    expect(operator.calls).toEqual([
      'revoke subject mallory undefined undefined',
      `revoke tokenId jti-1 ${Date.UTC(2026, 0, 1)} ${Date.UTC(2026, 0, 2)}`,
    ]);
  });

  it.each(['0a1bc', '0A1BC', '00:A1:BC', 'a1bc'])(
    'take the serial number %s however it is written',
    async (value) => {
      await revoke({ by: 'certificateSerial', value });
      await revoke({ by: 'tokenId', value });
      expect(operator.calls).toEqual([
        'revoke certificateSerial a1bc undefined undefined',
        `revoke tokenId ${value} undefined undefined`,
      ]);
    },
  );

  it.each([
    [{ by: 'address', value: 'somewhere' }],
    [{ by: 'address', value: '192.0.2.1/24' }],
    [{ by: 'address', value: '192.0.2.0/33' }],
    [{ by: 'origin', value: 'x' }],
    [{ by: 'subject' }],
    [{ by: 'subject', value: '' }],
    [{ by: 'subject', value: 'x', until: 'tomorrow' }],
    [{ by: 'subject', value: 'x', also: 1 }],
    ['{"by":"subject"'],
    ['[]'],
    ['null'],
  ])('are refused when they are not understood: %j', async (body) => {
    expect((await revoke(body)).status).toBe(400);
    expect(operator.calls).toEqual([]);
  });

  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['192.0.2.1/32', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['192.0.2.0/24', '192.0.2.0/24'],
    ['2001:DB8:0:0::/32', '2001:db8::/32'],
    ['2001:0db8::0001', '2001:db8::1'],
    ['2001:db8::1/128', '2001:db8::1'],
  ])('take the address %s in its one form', async (value, kept) => {
    await revoke({ by: 'address', value });
    expect(operator.calls).toEqual([`revoke address ${kept} undefined undefined`]);
  });

  it('are listed, and taken back by their ids', async () => {
    const known: Revocation = {
      by: 'subject',
      value: 'mallory',
      issuedBefore: 0,
      until: 9e15,
      within: 'acme',
    };
    operator.known = [known];
    const { revocations, total } = (await ask('GET /revocations?limit=7&after=x')).json();
    const id = revocationId(known);
    expect(total).toBe(1);
    expect(revocations).toEqual([
      {
        id,
        by: 'subject',
        value: 'mallory',
        within: 'acme',
        issuedBefore: '1970-01-01T00:00:00.000Z',
        until: '9999-12-31T00:00:00.000Z',
      },
    ]);
    expect((await ask(`DELETE /revocations/${id}`)).json()).toEqual({ kept: true });
    expect((await ask('DELETE /revocations/none')).status).toBe(404);
    operator.revoked = { ended: 0, kept: false, problem: 'others hear of it later: away' };
    const { status, json: body } = await ask(`DELETE /revocations/${id}`);
    expect([status, body().detail]).toEqual([
      500,
      'it is taken back here, but others hear of it later: away',
    ]);
    expect(operator.calls).toEqual(['revocations x 7', `lift ${id}`, 'lift none', `lift ${id}`]);
  });

  it('must be JSON by their type, which no form of a foreign page is', async () => {
    const body = { by: 'subject', value: 'mallory' };
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/jsonx']) {
      expect((await revoke(body, { 'content-type': type })).status).toBe(415);
    }
    expect(operator.calls).toEqual([]);
  });
});

describe('certificates, reload, drain', () => {
  it('lists certificates', async () => {
    const { certificates } = (await ask('GET /certificates')).json();
    expect(certificates).toMatchObject([{ serial: '0a1b', notAfter: '2026-04-01T00:00:00.000Z' }]);
  });

  it('rotates, and names what was not taken', async () => {
    expect((await ask('POST /certificates/rotate')).json().rotations[0].replaced[0].serial).toBe('0a1c');
    operator.problems = ['key.pem does not belong to cert.pem'];
    const { status, json } = await ask('POST /certificates/rotate');
    expect(status).toBe(422);
    expect(json().errors).toEqual([{ at: 'public', message: 'key.pem does not belong to cert.pem' }]);
  });

  it('reloads, or says by file and line why not', async () => {
    expect((await ask('POST /reload')).json()).toEqual({ generation: 2 });
    const problems = [{ message: 'unknown key', file: 'sallyport.yaml', line: 7 }];
    operator.reloaded = { done: false, generation: 2, problems };
    const { status, json } = await ask('POST /reload');
    expect(status).toBe(422);
    expect(json().errors).toEqual([{ message: 'unknown key', at: 'sallyport.yaml', line: 7 }]);
  });

  const declare = (body: unknown) =>
    ask('POST /emergency', TOKEN, { 'content-type': 'application/json' }, body);

  it('switches emergency mode on for a time, and off', async () => {
    expect((await ask('GET /emergency')).json()).toEqual({ on: false });
    const begun = await declare({ minutes: 15, reason: 'the provider burns' });
    expect([begun.status, begun.json()]).toEqual([200, { on: true, until: '2026-01-01T00:00:00.000Z' }]);
    expect((await ask('DELETE /emergency')).json()).toEqual({ on: false });
    expect(operator.calls).toEqual(['emergency on 15 admin the provider burns', 'emergency off admin']);
  });

  it.each([[0], [1_441], [1.5], [-5], [null], ['60'], [undefined]])(
    'begins no emergency of %j minutes',
    async (minutes) => {
      expect((await declare({ minutes })).status).toBe(400);
      expect(operator.calls).toEqual([]);
    },
  );

  it('says why an emergency was not begun', async () => {
    const { status, json } = await declare({ minutes: 61 });
    expect([status, json().detail]).toEqual([409, 'the configuration allows 60 minutes at a time']);
  });

  it('begins to drain', async () => {
    const { status, json } = await ask('POST /drain');
    expect([status, json()]).toEqual([202, { sessions: 3 }]);
  });
});

describe('health', () => {
  const trouble = (blocksReady: boolean) => {
    operator.checks = [{ name: 'overload', healthy: false, blocksReady, reason: 'event loop 900 ms late' }];
  };

  it('is live without a token, whatever is wrong', async () => {
    trouble(true);
    expect((await ask('GET /health/live', '')).status).toBe(200);
  });

  // OP-13
  it('is ready unless a check that matters fails', async () => {
    expect((await ask('GET /health/ready', '')).status).toBe(200);
    trouble(false);
    expect((await ask('GET /health/ready', '')).status).toBe(200);
    trouble(true);
    expect((await ask('GET /health/ready', '')).status).toBe(503);
  });

  it('gives reasons to who shows a token, and to no one else', async () => {
    trouble(true);
    expect((await ask('GET /health/ready', '')).json()).toEqual({ status: 'unavailable' });
    expect((await ask('GET /health/ready')).json().checks).toEqual(operator.checks);
  });
});

describe('who may', () => {
  const guarded = OPERATIONS.filter(({ access }) => access !== 'anyone').map(
    ({ method, path }) => `${method.toUpperCase()} ${path.replace('{id}', 'a1')}`,
  );

  it.each(guarded)('%s: only with a token', async (request) => {
    for (const token of ['', 'operators-token-0002', TOKEN.slice(0, -1), `${TOKEN}1`]) {
      const { status, headers, json } = await ask(request, token);
      expect(status).toBe(401);
      expect(headers.get('www-authenticate')).toContain('Bearer');
      expect(PROBLEM.parse(json()).status).toBe(401);
    }
    expect(operator.calls).toEqual([]);
  });

  it.each(guarded.filter((request) => request !== 'GET /metrics'))(
    '%s: not with the token for metrics',
    async (r) => {
      expect((await ask(r, SCRAPE)).status).toBe(403);
      expect(operator.calls).toEqual([]);
    },
  );

  it('lets both tokens read metrics', async () => {
    for (const token of [TOKEN, SCRAPE]) {
      const { status, type, text } = await ask('GET /metrics', token);
      expect([status, type, text]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8', '# nothing\n']);
    }
  });

  it.each(['Basic b3BlcmF0b3Jz', 'Bearer', TOKEN, `Bearer ${TOKEN} x`, `Bearer  ${'x'.repeat(5_000)}`])(
    'takes no other form of token: %j',
    async (authorization) => expect((await ask('GET /sessions', '', { authorization })).status).toBe(401),
  );
});

describe('the form of requests and answers', () => {
  it.each([
    ['GET /nothing', 404],
    ['GET /sessions/a1/b', 404],
    ['PUT /sessions', 405],
    ['GET /reload', 405],
    ['GET /sessions?limit=0', 400],
    ['GET /sessions?limit=501', 400],
    ['GET /sessions?limit=1e2', 400],
    ['GET /sessions?colour=red', 400],
    ['GET /sessions?__proto__=1', 400],
    ['GET /sessions?subject=a&subject=b', 400],
    [`GET /sessions?subject=${'x'.repeat(1_025)}`, 400],
  ])('%s is a problem: %i', async (request, status) => {
    const answer = await ask(request);
    expect(answer.status).toBe(status);
    expect(answer.type).toBe('application/problem+json');
    expect(PROBLEM.parse(answer.json()).status).toBe(status);
    if (status === 405) expect(answer.headers.get('allow')).toBeTruthy();
  });

  it('says nothing of a fault of ours but that there was one', async () => {
    operator.certificates = () => {
      throw new Error('secret detail');
    };
    const { status, text } = await ask('GET /certificates');
    expect(status).toBe(500);
    expect(text).not.toContain('secret');
    expect(journal.named('gateway.fault')).toMatchObject([{ where: 'admin listCertificates' }]);
  });

  it('says that what nodes share is away, which is no fault', async () => {
    operator.certificates = () => {
      throw new StoreError('ECONNREFUSED');
    };
    const { status, json } = await ask('GET /certificates');
    expect([status, json().detail]).toEqual([503, 'what all nodes share is away: ECONNREFUSED']);
    expect(journal.named('gateway.fault')).toEqual([]);
  });

  it('waits 30 seconds for an operation, no longer', async () => {
    vi.useFakeTimers();
    try {
      operator.reload = () => new Promise(() => {});
      const answer = ask('POST /reload');
      await vi.advanceTimersByTimeAsync(30_000);
      expect((await answer).status).toBe(504);
      expect(journal.lines).toMatchObject([
        { event: 'admin.action', operation: 'reload', outcome: 'failed' },
      ]);
    } finally {
      vi.useRealTimers();
    }
  });

  it('is never cached', async () => {
    expect((await ask('GET /sessions')).headers.get('cache-control')).toBe('no-store');
  });
});

describe('the record', () => {
  it('has who did what', async () => {
    await ask('DELETE /sessions?subject=bob');
    expect(journal.named('admin.action')).toMatchObject([
      {
        level: 'info',
        who: 'admin',
        operation: 'kickSessions',
        target: '/sessions?subject=bob',
        status: 200,
        outcome: 'done',
        affected: 2,
      },
    ]);
  });

  it.each([
    ['GET /sessions', 'done'],
    ['GET /sessions/none', 'failed'],
    ['POST /reload', 'done'],
    ['POST /drain', 'done'],
    ['POST /certificates/rotate', 'done'],
  ])('has one line for %s', async (request, outcome) => {
    await ask(request);
    expect(journal.lines).toMatchObject([{ event: 'admin.action', who: 'admin', outcome }]);
  });

  it('has whom a revocation names', async () => {
    const body = { by: 'subject', value: 'mallory' };
    await ask('POST /revocations', TOKEN, { 'content-type': 'application/json' }, body);
    expect(journal.lines).toMatchObject([
      { operation: 'revoke', target: '/revocations subject=mallory', affected: 1 },
    ]);
  });

  it('has who was turned away, and no token', async () => {
    await ask('POST /drain', 'operators-token-0002');
    expect(journal.lines).toMatchObject([
      { event: 'admin.refused', method: 'POST', path: '/drain', status: 401 },
    ]);
    expect(journal.raw.join('')).not.toContain('operators-token');
  });

  it('has nothing of health and metrics, which are asked for all the time', async () => {
    await ask('GET /health/ready');
    await ask('GET /metrics', SCRAPE);
    expect(journal.lines).toEqual([]);
  });
});

describe('the OpenAPI document', () => {
  it('has every operation, and no other', async () => {
    const { paths } = (await ask('GET /openapi.json')).json();
    const described = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods as object).map((method) => `${method} ${path}`),
    );
    expect(described.sort()).toEqual(OPERATIONS.map(({ method, path }) => `${method} ${path}`).sort());
  });

  it.each([
    'GET /health/live',
    'GET /health/ready',
    'GET /sessions',
    'GET /sessions?limit=1',
    'GET /sessions/a1',
    'DELETE /sessions/a1',
    'DELETE /sessions?subject=bob',
    'GET /emergency',
    'DELETE /emergency',
    'GET /certificates',
    'POST /certificates/rotate',
    'POST /reload',
    'POST /drain',
    'GET /openapi.json',
    'GET /sessions/none',
  ])('describes the answer to %s', async (request) => {
    const { paths, components } = (await ask('GET /openapi.json')).json();
    const [method = '', target = ''] = request.split(' ');
    const path = target.replace(/\?.*/, '').replace(/\/(a1|none)$/, '/{id}');
    const { status, type, json } = await ask(request);
    const { content } =
      paths[path][method.toLowerCase()].responses[status] ??
      paths[path][method.toLowerCase()].responses.default;
    const schema = content[type].schema.$ref ? components.schemas.Problem : content[type].schema;
    const ajv = new Ajv2020({ strict: false, formats: { 'date-time': true } });
    expect(ajv.validate(schema, json()), JSON.stringify(ajv.errors)).toBe(true);
  });
});
