import { request } from 'node:https';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import {
  Client,
  type ClientOptions,
  type Fetch,
  type Opened,
  type Received,
} from '../../src/client/index.ts';
import { Chat, type ChatOptions } from '../support/chat.ts';
import { FaultProxy } from '../support/fault-proxy.ts';
import { jwtOptionsOf } from '../support/tokens.ts';

// Sessions that last longer than their connections and their tokens, by the client on a running gateway.

const OPTIONS: ChatOptions = {
  route: {
    protocols: ['chat.v1'],
    resume: { window: '10s' },
    tickets: {},
    refresh: {},
  },
  config: {
    identities: { staff: { jwt: jwtOptionsOf({ leeway: '0s', tokenFrom: ['header', 'subprotocol'] }) } },
  },
};

let chat: Chat;
let proxy: FaultProxy;
let ends: AbortController;

beforeEach(async () => {
  chat = await Chat.open(OPTIONS);
  proxy = await FaultProxy.listen(chat.gateway.port);
  ends = new AbortController();
});

afterEach(async () => {
  ends.abort();
  await proxy.close();
  await chat.close();
});

/** Node's own fetch cannot be told whom to trust. */
const fetchWith =
  (ca: string): Fetch =>
  (url, { method, headers, body, signal }) =>
    new Promise((resolve, reject) => {
      const sent = request(url, { method, headers: { ...headers }, ca, signal, agent: false }, (response) => {
        let text = '';
        response.on('data', (chunk) => (text += chunk));
        response.on('end', () => {
          const status = response.statusCode!;
          resolve({ ok: status < 300, status, json: async () => JSON.parse(text) });
        });
      });
      sent.on('error', reject);
      sent.end(body);
    });

function clientOf(options: ClientOptions = {}): Client {
  const { cert } = chat.ca;
  const Trusting = class extends WebSocket {
    constructor(url: string, protocols: string[] = []) {
      super(url, protocols, { ca: cert });
    }
  };
  const client = new Client(`wss://localhost:${proxy.port}/chat`, {
    WebSocket: Trusting,
    fetch: fetchWith(cert),
    protocols: ['chat.v1'],
    reconnect: { base: 5, cap: 20, stableAfter: 0 },
    getToken: () => chat.token(),
    resume: true,
    signal: ends.signal,
    ...options,
  });
  client.connect();
  return client;
}

function opened(client: Client): Promise<Opened> {
  return new Promise((resolve) => client.addEventListener('open', resolve, { once: true }));
}

/** What comes, until it is this text. */
function until(client: Client, last: string): Promise<unknown[]> {
  const texts: unknown[] = [];
  return new Promise((resolve) =>
    client.addEventListener('message', ({ data }: Received) => {
      texts.push(data);
      if (data === last) resolve(texts);
    }),
  );
}

describe('a session', () => {
  it('survives cuts at any moment: nothing is lost and nothing comes twice, either way', async () => {
    const client = clientOf();
    await opened(client);
    const received = until(client, 'm 499');
    for (let i = 0; i < 500; i++) {
      client.send(`m ${i}`);
      if (i % 50 !== 25) continue;
      await new Promise((resolve) => setImmediate(resolve));
      proxy.cut();
    }
    expect(await received).toEqual(Array.from({ length: 500 }, (_, i) => `m ${i}`));
    expect(proxy.knocks).toBeGreaterThan(1);
    // One upstream connection has seen it all, once and in order.
    expect(chat.upstream.requests).toHaveLength(1);
  });

  it('goes on under the same name where it was', async () => {
    const client = clientOf();
    const { session, resumed } = await opened(client);
    expect([resumed, client.session]).toEqual([false, session]);
    const again = opened(client);
    proxy.cut();
    expect(await again).toMatchObject({ resumed: true, session });
    expect(chat.named('session.opened')).toHaveLength(1);
  });

  it('that was ended by the gateway is followed by another, and the client is told', async () => {
    const client = clientOf();
    const { session } = await opened(client);
    const again = opened(client);
    await chat.gateway.gateway.drain({ window: 0 }).catch(() => {});
    const successor = await Chat.open(OPTIONS);
    try {
      proxy.target = successor.gateway.port;
      const { resumed, session: other } = await again;
      expect([resumed, other === session]).toEqual([false, false]);
    } finally {
      ends.abort();
      await successor.close();
    }
  });
});

describe('a credential', () => {
  it('is changed into a ticket: the socket is opened without the token', async () => {
    const client = clientOf({ ticket: true, resume: false });
    const { session } = await opened(client);
    expect(chat.named('session.opened')).toMatchObject([{ session, subject: 'ada' }]);
    const offered = chat.named('upgrade.accepted');
    expect(JSON.stringify([offered, chat.upstream.requests])).not.toContain('bearer.');
  });

  it.each([
    ['a session that can be resumed', { resume: true }],
    ['a ticket', { resume: false, ticket: true }],
  ])(
    'of %s is renewed before it runs out, in the same connection',
    async (_, options) => {
      let tokens = 0;
      const getToken = () => {
        const exp = Math.floor(Date.now() / 1_000) + (++tokens === 1 ? 4 : 900);
        return { token: chat.token({ exp, jti: `t-${tokens}` }), expiresIn: exp * 1_000 - Date.now() };
      };
      const client = clientOf({ ...options, getToken });
      const { session } = await opened(client);
      await chat.gateway.logged('credential.renewed', (line) => line.session === session);
      const back = until(client, 'still here');
      await new Promise((resolve) => setTimeout(resolve, 4_100)); // the first token has run out
      client.send('still here');
      await back;
      expect(chat.named('session.opened')).toHaveLength(1);
    },
    30_000,
  );
});
