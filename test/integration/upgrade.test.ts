import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { text as textOf } from 'node:stream/consumers';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { REFUSALS, type RefusalCode } from '../../src/errors.ts';
import { Chat, type ChatOptions, echoes } from '../support/chat.ts';
import { connectRaw } from '../support/raw-client.ts';
import { encode, text } from '../support/raw-frames.ts';
import { ANSWERS, type Answer, refuseWith } from '../support/raw-server.ts';
import { jwtOptionsOf } from '../support/tokens.ts';

let chat: Chat;

afterEach(() => chat.close());

const UPGRADE = {
  Connection: 'Upgrade',
  Upgrade: 'websocket',
  'Sec-WebSocket-Version': '13',
  'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
};

interface Knock {
  readonly line?: string;
  /** Added to those of an upgrade with a good token; `undefined` takes one away. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly early?: Buffer;
}

/** Sends an upgrade, and leaves the rest to the test. */
async function send({ line = 'GET /chat HTTP/1.1', headers = {}, early }: Knock): Promise<Duplex> {
  const socket = await connectRaw({ port: chat.gateway.port, tls: { ca: chat.ca.cert } });
  socket.on('error', () => {});
  const authorization = `Bearer ${chat.token()}`;
  const fields = { Host: 'localhost', ...UPGRADE, Authorization: authorization, ...headers };
  const given = Object.entries(fields).filter(([, value]) => value !== undefined);
  const head = `${line}\r\n${given.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`;
  socket.write(early ? Buffer.concat([Buffer.from(head), early]) : head);
  return socket;
}

const silent: Answer = ANSWERS.silence;
const RESERVED = { route: { origins: ['https://app.example.com'] } };

/** Every way to be refused on the journey: what is set up, what is sent. */
const EXITS: [code: RefusalCode, options: ChatOptions, knock?: Knock][] = [
  ['method_not_allowed', {}, { line: 'POST /chat HTTP/1.1' }],
  ['request_malformed', {}, { headers: { 'Sec-WebSocket-Key': 'short' } }],
  ['version_unsupported', {}, { headers: { 'Sec-WebSocket-Version': '8' } }],
  ['host_invalid', {}, { headers: { Host: undefined } }],
  ['misdirected', {}, { headers: { Host: 'elsewhere.example' } }],
  ['target_invalid', {}, { line: 'GET /a/../chat HTTP/1.1' }],
  ['target_too_long', {}, { line: `GET /${'x'.repeat(9_000)} HTTP/1.1` }],
  ['headers_too_large', {}, { headers: { 'X-Large': 'x'.repeat(20_000) } }],
  ['body_forbidden', {}, { headers: { 'Content-Length': '5' } }],
  ['protocol_invalid', {}, { headers: { 'Sec-WebSocket-Protocol': 'a,,b' } }],
  ['protocol_unknown', { route: { protocols: ['chat.v1'] } }, { headers: { 'Sec-WebSocket-Protocol': 'x' } }],
  ['early_data_too_large', {}, { early: Buffer.alloc(5_000) }],
  ['route_unknown', {}, { line: 'GET /nowhere HTTP/1.1' }],
  ['credential_missing', {}, { headers: { Authorization: undefined } }],
  ['credential_malformed', {}, { headers: { Authorization: 'Bearer a.b' } }],
  ['origin_denied', RESERVED, { headers: { Origin: 'https://evil.example' } }],
  ['address_denied', { route: { addresses: { deny: ['127.0.0.0/8'] } } }],
  ['not_authorized', { route: { authorize: [{ on: 'connect', allow: 'false' }, { allow: 'true' }] } }],
  ['upstream_refused', { upstream: { answer: refuseWith(403) } }],
  ['upstream_refused', { route: { upstream: { url: 'ws://127.0.0.1:9' } } }], // UP-01
  ['upstream_timeout', { upstream: { answer: silent }, route: { upstream: { handshakeTimeout: '200ms' } } }], // UP-02
  ['upstream_invalid', { upstream: { answer: ANSWERS.garbage } }],
  ['upstream_invalid', { upstream: { answer: ANSWERS.hangUp } }],
  ['upstream_invalid', { upstream: { answer: ANSWERS.wrongAccept } }],
  ['upstream_refused', { upstream: { answer: ANSWERS.reset } }],
];

describe('an upgrade that is refused', () => {
  it.each(EXITS)(
    'as %s ends in one status, one record and nothing else',
    async (code, options, knock = {}) => {
      chat = await Chat.open({ ...options, upstream: { echo: true, ...options.upstream } });
      const { status, told, retryable } = REFUSALS[code];
      const answer = await textOf(await send(knock)); // to its end: the gateway closes
      const [head = '', body] = answer.split('\r\n\r\n');
      expect(head).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
      expect(head).toMatch(/^Connection: (Upgrade, )?close$/m);
      expect(/^Retry-After: \d+$/m.test(head)).toBe(retryable);
      expect(body).toBe(`${told}\n`);
      expect(answer.match(/HTTP\/1\.1/g)).toHaveLength(1);
      expect(answer).not.toContain('secret'); // what the upstream said stays inside
      const seconds = expect.any(Number);
      expect(await chat.gateway.logged('upgrade.refused')).toMatchObject({ code, status, seconds });
      expect(chat.named('upgrade.refused')).toHaveLength(1);
      expect([...chat.named('upgrade.accepted'), ...chat.named('gateway.fault')]).toEqual([]);
      expect(await chat.metric('sallyport_handshakes_total', { outcome: code })).toBe(1);
      expect(chat.gateway.gateway.services.presence.count('route', 'chat', '')).toBe(0);
      await vi.waitFor(() => expect(chat.upstream.open).toBe(0));
    },
  );
});

describe('a client that leaves', () => {
  // HS-45
  it('while its upstream is dialled: the dial is given up, and the seat is free', async () => {
    chat = await Chat.open({
      upstream: { answer: silent },
      route: { limits: { perSubject: { connections: 1 } } },
    });
    const socket = await send({});
    await vi.waitFor(() => expect(chat.upstream.requests).toHaveLength(1), 8_000);
    socket.destroy();
    expect(await chat.gateway.logged('upgrade.refused')).toMatchObject({
      code: 'client_left',
      subject: 'ada',
    });
    await vi.waitFor(() => expect(chat.upstream.open).toBe(0), 8_000);
    chat.upstream.behave({ echo: true });
    expect(await chat.knock()).toBe('in');
  });

  it('while the keys for its token are fetched: nobody is dialled for it', async () => {
    const held: (() => void)[] = [];
    const issuer = createServer((_request, response) => {
      held.push(() => response.end(chat.keys));
    }).listen(0, '127.0.0.1');
    await once(issuer, 'listening');
    const jwks = `http://127.0.0.1:${(issuer.address() as AddressInfo).port}/jwks`;
    chat = await Chat.open({ config: { identities: { staff: { jwt: jwtOptionsOf({ jwks }) } } } });
    const socket = await send({});
    // The gateway has heard of what one client did once it has answered another who came later; that the keys are
    // being fetched says nothing: they are from the start.
    const laterClient = async (): Promise<string> => textOf(await send({ line: 'GET /nowhere HTTP/1.1' }));
    await laterClient();
    expect(held).toHaveLength(1);
    const gone = once(socket, 'close');
    socket.destroy();
    await gone;
    await laterClient();
    for (const answer of held) answer();
    expect(
      await chat.gateway.logged('upgrade.refused', ({ code }) => code !== 'route_unknown'),
    ).toMatchObject({
      code: 'client_left',
    });
    expect(chat.upstream.requests).toEqual([]);
    expect(await chat.knock()).toBe('in');
    issuer.close();
    issuer.closeAllConnections();
  });
});

describe('an upgrade that is let in', () => {
  it('has its early frames delivered once, in order, before those that follow', async () => {
    chat = await Chat.open();
    const early = Buffer.concat([encode(text('first'), true), encode(text('second'), true)]);
    const peer = await chat.join({}, { early });
    peer.send(text('third'));
    for (const message of ['first', 'second', 'third']) {
      expect((await peer.nextOf('text')).payload.toString()).toBe(message);
    }
  });

  it('by a guard that only observes is counted and said', async () => {
    chat = await Chat.open({ route: { origins: ['https://app.example.com'], observe: ['origin'] } });
    const peer = await chat.join({}, { headers: { Origin: 'https://evil.example' } });
    await echoes(peer);
    expect(chat.named('upgrade.observed')).toMatchObject([{ guard: 'origin', code: 'origin_denied' }]);
    const labels = { route: 'chat', guard: 'origin', code: 'origin_denied' };
    expect(await chat.metric('sallyport_refusals_total', { ...labels, mode: 'observed' })).toBe(1);
    expect(await chat.metric('sallyport_refusals_total', { ...labels, mode: 'enforced' })).toBe(0);
  });
});
