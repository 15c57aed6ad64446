import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { Backend } from '../support/backend.ts';
import { parseExposition, total } from '../support/exposition.ts';
import { type RunningGateway, startGateway } from '../support/gateway.ts';
import { claimsOf, keySetText, newSigner, tokenOf } from '../support/tokens.ts';

const ADMIN = 'operators-token-0001';
const METRICS = 'metrics-token-000001';
const signer = newSigner();
let backend: Backend;
let gateway: RunningGateway;

beforeAll(async () => {
  backend = await Backend.listen('chat.v1');
  backend.server.on('connection', (socket: WebSocket) => {
    socket.on('message', (data, binary) => socket.send(data, { binary }));
  });
  gateway = await startGateway({
    files: { 'keys.json': keySetText(signer) },
    config: {
      admin: { address: '127.0.0.1:0', token: ADMIN, metricsToken: METRICS },
      identities: {
        staff: {
          jwt: {
            issuer: 'https://id.example.com',
            audience: 'chat',
            algorithms: ['ES256'],
            jwks: 'keys.json',
            claims: { subject: 'sub', tenant: 'org' },
          },
        },
      },
      routes: [
        {
          name: 'chat',
          match: { path: '/chat' },
          origins: 'none-required',
          identify: ['staff'],
          protocols: ['chat.v1'],
          upstream: { url: backend.url },
          dialect: { json: { type: '/type' } },
          authorize: [{ allow: 'message.type == "say"' }],
        },
      ],
    },
  });
});

afterAll(async () => {
  await gateway.stop();
  await backend.close();
});

async function ask(method: string, path: string, body?: object, token = ADMIN) {
  const response = await fetch(`http://127.0.0.1:${gateway.gateway.adminAddress!.port}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, text, json: () => JSON.parse(text) };
}

const metrics = async () => (await ask('GET', '/metrics', undefined, METRICS)).text;

async function join(sub: string, org = 'acme'): Promise<WebSocket> {
  const token = tokenOf(signer, claimsOf({ sub, org, jti: `jti-${sub}` }));
  const socket = new WebSocket(`${gateway.url}/chat`, ['chat.v1'], {
    ca: gateway.ca.cert,
    headers: { authorization: `Bearer ${token}` },
  });
  await once(socket, 'open');
  return socket;
}

async function closing(socket: WebSocket): Promise<[code: number, reason: string]> {
  const [code, reason] = await once(socket, 'close');
  return [code, String(reason)];
}

describe('the admin API of a running gateway', () => {
  it('is live and ready, with its reasons', async () => {
    expect((await ask('GET', '/health/live')).status).toBe(200);
    const { status, json } = await ask('GET', '/health/ready');
    expect([status, json().status]).toEqual([200, 'ok']);
    expect(json().checks.every(({ healthy }: { healthy: boolean }) => healthy)).toBe(true);
  });

  it('lists sessions, and ends one by id, others by subject, tenant and address', async () => {
    const [ada, bob, eve] = [await join('ada'), await join('bob'), await join('eve', 'globex')];
    const { sessions, total: all } = (await ask('GET', '/sessions')).json();
    expect(all).toBe(3);
    const { id } = sessions.find(({ subject }: { subject: string }) => subject === 'ada');
    expect((await ask('GET', `/sessions/${id}`)).json()).toMatchObject({
      id,
      route: 'chat',
      identity: 'staff',
      tenant: 'acme',
      tokenId: 'jti-ada',
      address: '127.0.0.1',
      protocol: 'chat.v1',
    });

    const gone = [closing(ada), closing(bob), closing(eve)];
    expect((await ask('DELETE', `/sessions/${id}`)).json()).toEqual({ kicked: 1 });
    expect((await ask('DELETE', '/sessions?subject=bob')).json()).toEqual({ kicked: 1 });
    expect((await ask('DELETE', '/sessions?tenant=globex&address=127.0.0.1')).json()).toEqual({ kicked: 1 });
    for (const end of await Promise.all(gone)) expect(end[0]).toBe(4501);
    await gateway.logged('session.closed', ({ subject }) => subject === 'eve');
    expect((await ask('GET', '/sessions')).json().total).toBe(0);
    expect(gateway.log.filter(({ event }) => event === 'session.closed')).toMatchObject(
      [1, 2, 3].map(() => ({ code: 'session_kicked', close: 4501 })),
    );
  });

  // AX-05
  it('revokes in mid-session, and the same token does not come back', async () => {
    const mallory = await join('mallory');
    const gone = closing(mallory);
    expect((await ask('POST', '/revocations', { by: 'tokenId', value: 'jti-mallory' })).json()).toEqual({
      ended: 1,
      kept: false, // without `state` it ends with the process
    });
    expect((await gone)[0]).toBe(4500);
    await expect(join('mallory')).rejects.toThrow('401');
  });

  it('shows the certificate and rotates it under an open socket', async () => {
    const socket = await join('ada');
    const [before] = (await ask('GET', '/certificates')).json().certificates;
    const pair = await gateway.ca.issue({ dns: ['localhost'], ip: ['127.0.0.1'] });
    gateway.write('key.pem', pair.key);
    gateway.write('cert.pem', pair.cert);
    const { status, json } = await ask('POST', '/certificates/rotate');
    expect([status, json().rotations[0].problems]).toEqual([200, []]);
    const [after] = (await ask('GET', '/certificates')).json().certificates;
    expect(after.serial).not.toBe(before.serial);
    expect(json().rotations[0].replaced).toEqual([
      { name: after.name, serial: after.serial, previous: before.serial },
    ]);
    socket.send('{"type":"say"}');
    expect(String((await once(socket, 'message'))[0])).toBe('{"type":"say"}');
    socket.terminate();
  });

  it('keeps the old certificate when the new one is broken, and says so', async () => {
    const [before] = (await ask('GET', '/certificates')).json().certificates;
    gateway.write('cert.pem', 'not a certificate');
    const { status, json } = await ask('POST', '/certificates/rotate');
    expect(status).toBe(422);
    expect(json().errors[0].at).toBe('public');
    expect((await ask('GET', '/certificates')).json().certificates[0].serial).toBe(before.serial);
    const ready = await ask('GET', '/health/ready');
    expect(ready.status).toBe(200); // the old one still serves
    expect(ready.json().checks).toContainEqual(
      expect.objectContaining({ name: 'rotation', healthy: false, blocksReady: false }),
    );
    const text = await metrics();
    expect(total(text, 'sallyport_certificate_rotations_total', { outcome: 'failed' })).toBeGreaterThan(0);
    expect(total(text, 'sallyport_health', { check: 'rotation' })).toBe(0);
    expect(total(text, 'sallyport_health', { check: 'certificates' })).toBe(1);
  });

  it('describes itself, and answers where it says it does', async () => {
    const { paths } = (await ask('GET', '/openapi.json')).json();
    const readable = Object.keys(paths).filter((path) => paths[path].get && !path.includes('{'));
    expect(readable).toEqual(
      expect.arrayContaining(['/health/ready', '/metrics', '/sessions', '/certificates']),
    );
    for (const path of readable) expect((await ask('GET', path)).status).not.toBe(404);
  });

  it('counts what happened', async () => {
    const socket = await join('ada');
    const before = await metrics();
    socket.send('{"type":"say"}');
    await once(socket, 'message');
    socket.send('{"type":"shout"}');
    await gateway.logged('message.refused');
    const after = await metrics();
    const grown = (name: string, labels = {}) => total(after, name, labels) - total(before, name, labels);
    const route = { route: 'chat' };
    expect(total(after, 'sallyport_connections', route)).toBe(1);
    expect(grown('sallyport_messages_total', { ...route, direction: 'client', outcome: 'forwarded' })).toBe(
      1,
    );
    expect(grown('sallyport_messages_total', { ...route, direction: 'client', outcome: 'refused' })).toBe(1);
    expect(grown('sallyport_messages_total', { ...route, direction: 'server', outcome: 'forwarded' })).toBe(
      1,
    );
    expect(grown('sallyport_message_bytes_total', { ...route, direction: 'client' })).toBe(14);
    const refusal = { ...route, guard: 'authorize', code: 'not_authorized', mode: 'enforced' };
    expect(grown('sallyport_refusals_total', refusal)).toBe(1);
    expect(total(after, 'sallyport_handshakes_total', { ...route, outcome: 'accepted' })).toBeGreaterThan(0);
    expect(total(after, 'sallyport_handshakes_total', { outcome: 'credential_revoked' })).toBeGreaterThan(0);
    expect(
      total(after, 'sallyport_identifications_total', { identity: 'staff', outcome: 'accepted' }),
    ).toBeGreaterThan(0);
    expect(total(after, 'sallyport_identification_seconds_count', { identity: 'staff' })).toBeGreaterThan(0);
    expect(total(after, 'sallyport_sessions_opened_total', route)).toBeGreaterThan(0);
    const kicked = { ...route, initiator: 'operator', close: '4501', code: 'session_kicked' };
    expect(total(after, 'sallyport_disconnects_total', kicked)).toBe(3);
    expect(total(after, 'sallyport_certificate_expiry_timestamp_seconds')).toBeGreaterThan(
      Date.now() / 1_000,
    );
    expect(total(after, 'sallyport_heap_used_bytes')).toBeGreaterThan(0);
    expect(after).not.toContain('="other"');
    expect(after).not.toMatch(/mallory|acme|127\.0\.0\.1/);
    expect(parseExposition(after).size).toBeGreaterThan(20);
    socket.terminate();
  });

  it('reloads, or says by file and line why not, and nothing has changed', async () => {
    expect((await ask('POST', '/reload')).status).toBe(422); // the certificate is still broken
    const pair = await gateway.ca.issue({ dns: ['localhost'], ip: ['127.0.0.1'] });
    gateway.write('key.pem', pair.key);
    gateway.write('cert.pem', pair.cert);
    expect((await ask('POST', '/reload')).json()).toEqual({ generation: 1 }); // the configuration is the same
    gateway.write('sallyport.yaml', 'routes: 7\n');
    const { status, json } = await ask('POST', '/reload');
    expect(status).toBe(422);
    expect(json().errors[0]).toMatchObject({ at: expect.stringContaining('sallyport.yaml'), line: 1 });
    expect(total(await metrics(), 'sallyport_configuration_generation')).toBe(1);
  });

  it('has one line for each thing that was done here', () => {
    const actions = gateway.log.filter(({ event }) => event === 'admin.action');
    expect(actions.filter(({ operation }) => operation === 'kickSessions')).toHaveLength(2);
    expect(actions.filter(({ operation }) => operation === 'revoke')).toMatchObject([
      { target: '/revocations tokenId=jti-mallory', affected: 1, outcome: 'done' },
    ]);
    expect(actions.filter(({ operation }) => operation === 'reload').map(({ outcome }) => outcome)).toEqual([
      'failed',
      'done',
      'failed',
    ]);
  });

  // HS-47, OP-03
  it('drains: 503 for who comes, 1012 for who is there', async () => {
    const socket = await join('ada');
    const gone = closing(socket);
    socket.pause(); // its answer to the Close is what the drain then waits for
    expect(await ask('POST', '/drain')).toMatchObject({ status: 202, text: '{"sessions":1}' });
    expect((await ask('GET', '/health/live')).status).toBe(200);
    const { status, json } = await ask('GET', '/health/ready');
    expect([status, json().status]).toEqual([503, 'unavailable']);
    await expect(join('bob')).rejects.toThrow('503');
    socket.resume();
    expect((await gone)[0]).toBe(1012);
  });
});

describe('an idle gateway', () => {
  it('answers the request that ends it', async () => {
    const idle = await startGateway({
      config: { admin: { address: '127.0.0.1:0', token: ADMIN }, routes: [route()] },
    });
    const response = await fetch(`http://127.0.0.1:${idle.gateway.adminAddress!.port}/drain`, {
      method: 'POST',
      headers: { authorization: `Bearer ${ADMIN}` },
    });
    expect(response.status).toBe(202);
    expect(await response.json()).toEqual({ sessions: 0 });
    await idle.stop();
  });
});

function route() {
  return {
    name: 'any',
    match: { path: '/' },
    origins: 'none-required',
    identify: ['visitors'],
    upstream: { url: backend.url },
    dialect: { raw: {} },
  };
}
