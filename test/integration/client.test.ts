import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import {
  Client,
  type ClientEvents,
  type ClientOptions,
  type Received,
  type TokenRequest,
} from '../../src/client/index.ts';
import { Chat, type ChatOptions } from '../support/chat.ts';
import { FaultProxy } from '../support/fault-proxy.ts';
import { jwtOptionsOf } from '../support/tokens.ts';

// The client on a running gateway, with a cable between them that can be cut.

const STAFF = { jwt: jwtOptionsOf({ leeway: '0s', tokenFrom: ['subprotocol'] }) };
const OPTIONS: ChatOptions = {
  route: { protocols: ['chat.v1'] },
  config: { identities: { staff: STAFF } },
};

let chat: Chat;
let proxy: FaultProxy;
let ends: AbortController;
let asked: Pick<TokenRequest, 'fresh'>[];

beforeEach(async () => {
  chat = await Chat.open(OPTIONS);
  proxy = await FaultProxy.listen(chat.gateway.port);
  ends = new AbortController();
  asked = [];
});

afterEach(async () => {
  ends.abort();
  await proxy.close();
  await chat.close();
});

/** A client of this chat that comes back within a few milliseconds. */
function clientOf(options: ClientOptions = {}): Client {
  const { cert } = chat.ca;
  const Trusting = class extends WebSocket {
    constructor(url: string, protocols: string[] = []) {
      super(url, protocols, { ca: cert });
    }
  };
  const client = new Client(`wss://localhost:${proxy.port}/chat`, {
    WebSocket: Trusting,
    protocols: ['chat.v1'],
    reconnect: { base: 20, cap: 50, stableAfter: 0 },
    getToken: ({ fresh }) => {
      asked.push({ fresh });
      return chat.token();
    },
    signal: ends.signal,
    ...options,
  });
  client.connect();
  return client;
}

/** The next event of this type that satisfies. */
function next<T extends keyof ClientEvents>(
  client: Client,
  type: T,
  satisfies: (event: ClientEvents[T]) => boolean = () => true,
): Promise<ClientEvents[T]> {
  return new Promise((resolve) => {
    const stop = new AbortController();
    const hear = (event: ClientEvents[T]): void => {
      if (!satisfies(event)) return;
      stop.abort();
      resolve(event);
    };
    client.addEventListener(type, hear, { signal: stop.signal });
  });
}

/** Resolves when the text has gone there and back. */
async function echo(client: Client, text: string): Promise<void> {
  const back = next(client, 'message', ({ data }) => data === text);
  client.send(text);
  await back;
}

it('connects with a token that nobody sees, and talks', async () => {
  const client = clientOf();
  await echo(client, 'queued before it was open');
  expect([client.state, client.protocol]).toEqual(['open', 'chat.v1']);
  expect(asked).toEqual([{ fresh: false }]);
  expect(chat.named('upgrade.accepted')).toMatchObject([{ subject: 'ada' }]);
  expect(JSON.stringify([chat.log, chat.upstream.requests])).not.toContain(chat.token().slice(0, 40));
});

it('takes bytes for bytes', async () => {
  const client = clientOf();
  const back = next(client, 'message');
  client.send(Uint8Array.of(1, 2, 3));
  expect(new Uint8Array((await back).data as ArrayBuffer)).toEqual(Uint8Array.of(1, 2, 3));
});

it('survives a network that is cut, and sends in order what waited', async () => {
  const client = clientOf();
  await echo(client, 'before');
  const lost = next(client, 'state', ({ to }) => to === 'waiting');
  proxy.target = undefined;
  proxy.cut();
  expect(await lost).toMatchObject({ from: 'open', code: 1006 });
  const received: unknown[] = [];
  client.addEventListener('message', ({ data }: Received) => received.push(data));
  const failures = next(client, 'error', ({ error }) => error.code === 'connect_failed');
  client.send('1');
  client.send('2');
  await failures; // it has tried in vain
  client.send('3');
  const opened = next(client, 'open');
  proxy.target = chat.gateway.port;
  await opened;
  await echo(client, 'after');
  expect(received).toEqual(['1', '2', '3', 'after']);
});

it('moves to the next gateway when one drains', async () => {
  const client = clientOf();
  await echo(client, 'before');
  const successor = await Chat.open(OPTIONS);
  try {
    const lost = next(client, 'state', ({ to }) => to === 'waiting');
    const opened = next(client, 'open');
    proxy.target = successor.gateway.port;
    await chat.gateway.gateway.drain({ window: 0 });
    expect(await lost).toMatchObject({ code: 1012, reason: expect.stringMatching(/^draining; after=\d+$/) });
    await opened;
    await echo(client, 'after');
    expect(successor.named('upgrade.accepted')).toHaveLength(1);
    const closed = next(client, 'close');
    client.close();
    expect(await closed).toMatchObject({ code: 1000, wasClean: true, cause: 'asked' });
  } finally {
    await successor.close();
  }
});

it('comes with a fresh token when its own runs out', async () => {
  const client = clientOf({
    getToken: ({ fresh }) => {
      asked.push({ fresh });
      return chat.token(fresh ? {} : { exp: Math.floor(Date.now() / 1_000) + 2 });
    },
  });
  await echo(client, 'before');
  expect(await next(client, 'state', ({ to }) => to === 'waiting')).toMatchObject({
    code: 3000,
    reason: 'session_expired',
  });
  await next(client, 'open');
  await echo(client, 'after');
  expect(asked).toEqual([{ fresh: false }, { fresh: true }]);
});

it('stays away when it is revoked', async () => {
  const client = clientOf();
  await echo(client, 'before');
  const closed = next(client, 'close');
  await chat.ask('POST', '/revocations', { by: 'subject', value: 'ada' });
  expect(await closed).toMatchObject({ code: 4500, reason: 'session_revoked', cause: 'told' });
  expect([client.state, proxy.knocks, asked.length]).toEqual(['closed', 1, 1]);
});

it('gives up after the attempts it has, if it is never let in', async () => {
  const client = clientOf({
    getToken: () => chat.token({ aud: 'another' }),
    reconnect: { base: 5, attempts: 3 },
  });
  const error = await next(client, 'error');
  expect(error.error.message).toMatch(/401/);
  expect(await next(client, 'close')).toMatchObject({ code: 1006, cause: 'gave-up' });
  expect(chat.named('upgrade.refused').map(({ code }) => code)).toHaveLength(4);
});

it('notices a gateway that does not answer', async () => {
  const client = clientOf({ connectTimeout: 300 });
  await echo(client, 'before');
  const silent = createServer((socket) => socket.on('error', () => {})).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  proxy.target = (silent.address() as AddressInfo).port;
  const timeout = next(client, 'error', ({ error }) => error.code === 'connect_timeout');
  proxy.cut();
  await timeout;
  const opened = next(client, 'open');
  proxy.target = chat.gateway.port;
  await opened;
  silent.close();
});

describe('a plain WebSocket', () => {
  it('does without', async () => {
    const socket = new WebSocket(
      `wss://localhost:${proxy.port}/chat`,
      ['chat.v1', `bearer.${chat.token()}`],
      { ca: chat.ca.cert },
    );
    const answer = new Promise((resolve) => socket.on('message', (data) => resolve(String(data))));
    socket.on('open', () => socket.send('plain'));
    expect(await answer).toBe('plain');
    const closed = new Promise((resolve) => socket.on('close', resolve));
    socket.close(1000);
    expect(await closed).toBe(1000);
  });
});
