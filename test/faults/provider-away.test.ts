// JK-06: behind a bad cable, seen at a whole gateway
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Chat, echoes } from '../support/chat.ts';
import { FaultProxy } from '../support/fault-proxy.ts';
import { answerFor, introspecting } from '../support/introspection.ts';
import { Provider, routing, saying } from '../support/provider.ts';
import type { Toxics } from '../support/toxics.ts';

// Who is connected stays so, who is known comes in again, and nobody waits for longer than the time-out.

let provider: Provider;
let cable: FaultProxy;
let chat: Chat;

const TIMEOUT = 400; // milliseconds

beforeEach(async () => {
  provider = await Provider.listen(() => {});
  cable = await FaultProxy.listen(Number(new URL(provider.url).port));
});

afterEach(async () => {
  await chat.close();
  await cable.close();
  await provider.close();
});

const faults: [string, Toxics | 'down'][] = [
  ['away', 'down'],
  ['a black hole', { timeout: 0 }],
  ['too slow', { latency: { delay: 2_000, jitter: 500 } }],
  ['cut amid its answer', { resetPeer: 150 }],
  ['dripping', { slicer: { size: 1, delay: 20 } }],
];

const infect = (fault: Toxics | 'down') =>
  fault === 'down' ? cable.down() : cable.infect('downstream', fault);

async function heal(): Promise<void> {
  cable.cut();
  cable.heal();
  await cable.up();
}

describe.each(faults)('an identity provider that is %s', (_name, fault) => {
  it('and vouches for opaque tokens: sessions go on, others are told to come later, and all is well afterwards', async () => {
    provider.behave(introspecting(({ token }) => answerFor({ sub: token, jti: token })));
    const introspection = {
      endpoint: `http://127.0.0.1:${cable.port}/introspect`,
      clientId: 'gateway',
      clientSecret: 'a secret',
      timeout: `${TIMEOUT}ms`,
      recheck: '1s',
      cacheFor: '60s',
      circuit: { failures: 3, openFor: '400ms' },
    };
    chat = await Chat.open({ config: { identities: { staff: { introspection } } } });
    const bringing = (token: string) => ({ headers: { Authorization: `Bearer ${token}` } });
    const before = await chat.join({}, bringing('ada'));
    await infect(fault);

    const begun = performance.now();
    for (let i = 0; i < 4; i++) {
      const refused = await chat.knock({}, bringing(`new-${i}`));
      if (refused === 'in') throw new Error('nobody vouched for this one');
      expect(refused.status).toBe(503);
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    }
    expect(performance.now() - begun).toBeLessThan(4 * 1_500 + 3 * TIMEOUT); // a bound, not a measure
    await chat.gateway.logged('circuit.opened');
    expect(await chat.check('identities')).toMatchObject({ healthy: false });
    expect((await chat.ask('GET', '/health/ready')).status).toBe(200);
    expect(await chat.knock({}, bringing('ada'))).toBe('in'); // known
    await echoes(before);

    await heal();
    await vi.waitFor(async () => expect(await chat.knock({}, bringing('bob'))).toBe('in'), {
      timeout: 8_000,
    });
    await chat.gateway.logged('circuit.closed');
    expect(await chat.check('identities')).toMatchObject({ healthy: true });
    await echoes(before, 'all the time');
  });

  it('and has the keys: those at hand serve, a key that is not known waits for it', async () => {
    const jwt = {
      issuer: 'https://id.example.com',
      audience: 'chat',
      algorithms: ['ES256', 'RS256', 'EdDSA'],
      jwks: `http://127.0.0.1:${cable.port}/keys`,
      badTokens: '1000000/s',
      keys: { timeout: `${TIMEOUT}ms`, cooldown: '500ms', maxAge: '1s', staleIfError: '1h' },
    };
    chat = await Chat.open({ config: { identities: { staff: { jwt } } } });
    provider.behave(routing({ '/keys': saying(chat.keys) }));
    await vi.waitFor(async () => expect(await chat.knock({ jti: 'first' })).toBe('in'), { timeout: 8_000 });
    const before = await chat.join({ jti: 'before' });
    await infect(fault);
    // The keys are too old after a second, cannot be had anew, and serve all the same.
    await vi.waitFor(
      async () => {
        expect(await chat.knock({ jti: `during-${Math.random()}` })).toBe('in');
        expect(await chat.check('identities')).toMatchObject({ healthy: false });
      },
      { timeout: 8_000, interval: 200 },
    );
    await heal();
    await vi.waitFor(
      async () => {
        expect(await chat.knock({ jti: `after-${Math.random()}` })).toBe('in');
        expect(await chat.check('identities')).toMatchObject({ healthy: true });
      },
      { timeout: 8_000, interval: 200 },
    );
    await echoes(before, 'all the time');
  });
});
