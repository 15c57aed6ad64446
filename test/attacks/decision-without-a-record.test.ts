// AU-09: each decision is exactly one event, with who, what, when, where and why; none is missing and none comes twice.
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { Backend } from '../support/backend.ts';
import { total } from '../support/exposition.ts';
import { type RunningGateway, startGateway } from '../support/gateway.ts';
import { claimsOf, jwtOptionsOf, keySetText, newSigner, tokenOf } from '../support/tokens.ts';

const ADMIN = 'operators-token-0001';
const signer = newSigner();
let backend: Backend;
let gateway: RunningGateway;

beforeAll(async () => {
  backend = await Backend.listen('chat.v1');
  gateway = await startGateway({
    files: { 'keys.json': keySetText(signer) },
    config: {
      admin: { address: '127.0.0.1:0', token: ADMIN },
      identities: { staff: { jwt: jwtOptionsOf({ leeway: '0s' }) } },
      routes: [
        {
          name: 'chat',
          match: { path: '/chat' },
          origins: ['https://app.example.com'],
          identify: ['staff'],
          protocols: ['chat.v1'],
          upstream: { url: backend.url },
          dialect: { json: { type: '/type' } },
          messages: { onInvalid: 'drop' },
          authorize: [{ allow: 'message.type == "say"' }],
          limits: { perConnection: { messages: '5/m' } },
        },
      ],
    },
  });
});

afterAll(async () => {
  await gateway.stop();
  await backend.close();
});

const token = (claims: object = {}) => tokenOf(signer, claimsOf({ jti: 'jti-1', ...claims }));

async function join(path: string, bearer: string, headers: Record<string, string> = {}): Promise<WebSocket> {
  const authorization = bearer === '' ? {} : { Authorization: `Bearer ${bearer}` };
  const socket = new WebSocket(gateway.url + path, ['chat.v1'], {
    ca: gateway.ca.cert,
    headers: { Origin: 'https://app.example.com', ...authorization, ...headers },
  });
  await once(socket, 'open');
  return socket;
}

async function metric(name: string, labels: Record<string, string>): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${gateway.gateway.adminAddress!.port}/metrics`, {
    headers: { authorization: `Bearer ${ADMIN}` },
  });
  return total(await response.text(), name, labels);
}

/** What was logged while this was done, of decisions. */
async function during(what: () => Promise<unknown>, last: string): Promise<Record<string, unknown>[]> {
  const from = gateway.log.length;
  await what();
  await expect.poll(() => gateway.log.slice(from).some(({ event }) => event === last)).toBe(true);
  const decisions = /^(upgrade|message|session|connection|admin)\.(?!opened)/;
  return gateway.log.slice(from).filter(({ event }) => decisions.test(String(event)));
}

describe('a decision', () => {
  it.each([
    ['no credential', '/chat', '', {}, 'credential_missing'],
    ['an expired token', '/chat', token({ exp: 1 }), {}, 'credential_expired'],
    ['a forged token', '/chat', tokenOf(newSigner()), {}, 'credential_invalid'],
    ['a foreign origin', '/chat', token(), { Origin: 'https://evil.example' }, 'origin_denied'],
    ['an unknown path', '/nowhere', token(), {}, 'route_unknown'],
    ['a foreign host', '/chat', token(), { Host: 'evil.example' }, 'misdirected'],
  ])('against %s is one record', async (_name, path, bearer, headers, code) => {
    const before = await metric('sallyport_handshakes_total', { outcome: code });
    const lines = await during(() => join(path, bearer, headers).catch(() => {}), 'upgrade.refused');
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({
      event: 'upgrade.refused',
      code,
      address: '127.0.0.1',
      listener: 'public',
    });
    expect(lines[0]).toEqual(
      expect.objectContaining({ time: expect.any(String), reason: expect.any(String) }),
    );
    expect(await metric('sallyport_handshakes_total', { outcome: code })).toBe(before + 1);
  });

  it('for a connection, for and against its messages, and its end, are one record each', async () => {
    let socket: WebSocket | undefined;
    const opened = await during(async () => {
      socket = await join('/chat', token({ sub: 'ada' }));
    }, 'upgrade.accepted');
    expect(opened).toMatchObject([
      { event: 'upgrade.accepted', subject: 'ada', identity: 'staff', route: 'chat' },
    ]);

    const types = ['say', 'shout', 'say', 'shout', 'shout', 'say', 'say'];
    const refused = await during(async () => {
      for (const type of types) socket!.send(JSON.stringify({ type }));
      await expect.poll(() => metric('sallyport_messages_total', { direction: 'client' })).toBe(types.length);
    }, 'message.refused');
    const codes = refused.map(({ code }) => code);
    const forwarded = await metric('sallyport_messages_total', { direction: 'client', outcome: 'forwarded' });
    expect(forwarded + codes.length).toBe(types.length);
    expect(new Set(codes)).toEqual(new Set(['not_authorized', 'rate_exceeded']));
    expect(backend.received).toHaveLength(forwarded);
    for (const code of new Set(codes)) {
      const counted = await metric('sallyport_refusals_total', { code: String(code), mode: 'enforced' });
      expect(counted).toBe(codes.filter((each) => each === code).length);
    }

    const ended = await during(async () => {
      const { log } = gateway;
      const session = log.findLast(({ event }) => event === 'upgrade.accepted')?.session;
      await fetch(`http://127.0.0.1:${gateway.gateway.adminAddress!.port}/sessions/${session}`, {
        method: 'DELETE',
        headers: { authorization: `Bearer ${ADMIN}` },
      });
    }, 'session.closed');
    expect(ended.map(({ event }) => event).sort()).toEqual(['admin.action', 'session.closed']);
    expect(ended.find(({ event }) => event === 'session.closed')).toMatchObject({
      subject: 'ada',
      initiator: 'operator',
      code: 'session_kicked',
      close: 4501,
    });
  });

  it('that is about expiry is one record', async () => {
    const lines = await during(async () => {
      const socket = await join('/chat', token({ exp: Math.ceil(Date.now() / 1_000) + 1 }));
      await once(socket, 'close');
    }, 'session.closed');
    expect(lines.map(({ event, code }) => [event, code])).toEqual([
      ['upgrade.accepted', undefined],
      ['session.closed', 'session_expired'],
    ]);
  });
});
