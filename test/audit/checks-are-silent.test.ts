import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_ALLOWANCE } from '../../src/audit/budget.ts';
import { CHECKS } from '../../src/audit/checks/list.ts';
import type { Result } from '../../src/audit/judge.ts';
import { DEFAULT_PATIENCE } from '../../src/audit/reach.ts';
import type { AuditReport } from '../../src/audit/run.ts';
import { listener } from '../../src/config/listener.ts';
import { CORE } from '../../src/config/route.ts';
import { createDevelopmentCa } from '../../src/edge/development-ca.ts';
import { DEFAULTS } from '../../src/guards/size.ts';
import { Chat } from '../support/chat.ts';
import { type RunningGateway, startGateway } from '../support/gateway.ts';
import { RawServer } from '../support/raw-server.ts';
import { startCase } from './case.ts';
import { GOOD_SERVERS } from './good-servers.ts';
import { auditOf, findingOf, type Setup } from './harness.ts';

// No check fires where nothing is wrong. Most are held against a gateway with its default configuration, which gets the
// best grade; those of identity against one that reads tokens; and a few, which it leaves to its operator, against others.

const ORIGIN = 'https://app.example.com';
const HOST = 'ws.example.test';

const ofIdentity = (id: string): boolean => id.startsWith('token-');
const ofGateway = CHECKS.filter(({ id }) => !ofIdentity(id) && id !== 'rotation' && !(id in GOOD_SERVERS));

/** So many times quicker than its defaults is the gateway in all that it does after a time. */
const SPEED = 4;
const quick = (milliseconds: number): string => `${milliseconds / SPEED}ms`;

const { limits } = listener.parse({
  address: '127.0.0.1:0',
  tls: { certificates: [{ cert: 'cert.pem', key: 'key.pem' }] },
});
const { perAddress, handshakeTimeout } = limits;
const { heartbeat, closeTimeout } = CORE.lifetime.parse(undefined);

it('waits longer for whatever a gateway does by default than that takes', () => {
  expect(DEFAULT_PATIENCE.handshake).toBeGreaterThan(handshakeTimeout);
  expect(DEFAULT_PATIENCE.incomplete).toBeGreaterThan(DEFAULTS.incompleteTimeout);
  expect(DEFAULT_PATIENCE.idle).toBeGreaterThan(heartbeat);
  expect(DEFAULT_ALLOWANCE.rate).toBeLessThan(perAddress.handshakes.count);
});

describe('a gateway with its default configuration', () => {
  let gateway: RunningGateway;
  let upstream: RawServer;
  let report: AuditReport;

  beforeAll(async () => {
    upstream = await RawServer.listen({ echo: true, answersPing: true });
    const ca = await createDevelopmentCa();
    const pair = await ca.issue({ dns: [HOST] });
    gateway = await startGateway({
      ca,
      files: { 'cert.pem': pair.cert, 'key.pem': pair.key },
      listener: {
        limits: {
          handshakeTimeout: quick(handshakeTimeout),
          perAddress: { handshakes: `${perAddress.handshakes.count * SPEED}/s` },
        },
      },
      config: {
        routes: [
          {
            name: 'live',
            match: { path: '/live' },
            origins: [ORIGIN],
            identify: ['visitors'],
            upstream: { url: upstream.url },
            lifetime: { heartbeat: quick(heartbeat), closeTimeout: quick(closeTimeout) },
            messages: { incompleteTimeout: quick(DEFAULTS.incompleteTimeout) },
          },
        ],
      },
    });
    report = await auditOf({
      host: HOST,
      port: gateway.port,
      ca: gateway.ca.cert,
      path: '/live',
      always: [['Origin', ORIGIN]],
      allowance: { rate: DEFAULT_ALLOWANCE.rate * SPEED },
      patience: DEFAULT_PATIENCE,
    });
  }, 120_000);

  afterAll(async () => {
    await gateway?.stop();
    await upstream?.close();
  });

  it('gets the best grade', () => {
    const wrong = report.results.filter(({ verdict }) => !['pass', 'info', 'skipped'].includes(verdict));
    expect(wrong).toEqual([]);
    expect(report).toMatchObject({ grade: 'A+', because: [] });
  });

  it.each(ofGateway.map(({ id }) => id))('%s', (id) => {
    expect(report.results.find((each) => each.id === id)).toMatchObject({ verdict: 'pass' });
  });

  it('keeps the limits that its defaults say', () => {
    const seen = (id: string): string => report.results.find((each) => each.id === id)!.seen;
    expect(seen('message-size')).toBe('messages of 64 KiB are let in, larger ones end the connection');
    expect(seen('fragments')).toBe('closed with 1008 after 128 to 144');
    expect(seen('ping-flood')).toMatch(/^closed with 1008 after \d\d Pongs$/);
    expect(seen('liveness')).toMatch(/^a Ping after [\d.]+ s$/);
  });
});

describe('a gateway that reads tokens', () => {
  let chat: Chat;

  beforeAll(async () => {
    chat = await Chat.open();
  });
  afterAll(() => chat?.close());

  const ask = (id: string, setup: Partial<Setup> = {}): Promise<Result> =>
    findingOf(id, {
      port: chat.gateway.port,
      ca: chat.ca.cert,
      path: '/chat',
      token: chat.token(),
      ...setup,
    });

  const seconds = (): number => Math.floor(Date.now() / 1_000);
  const setups: Readonly<Record<string, () => Partial<Setup>>> = {
    'token-expired': () => ({ credentials: { expiredToken: chat.token({ exp: seconds() - 600 }) } }),
    'token-expiry': () => ({ token: chat.token({ exp: seconds() + 3 }), patience: { expiry: 8_000 } }),
  };

  it.concurrent.each(CHECKS.map(({ id }) => id).filter(ofIdentity))('%s', async (id) => {
    expect(await ask(id, setups[id]?.())).toMatchObject({ verdict: 'pass' });
  });

  it.concurrent('rotation', async () => {
    const watch = { duration: 4_000, interval: 100, sockets: 2 };
    const lines: string[] = [];
    const renew = async (): Promise<void> => {
      const { cert, key } = await chat.ca.issue({ dns: ['localhost'], ip: ['127.0.0.1'] });
      chat.gateway.write('key.pem', key);
      chat.gateway.write('cert.pem', cert);
      await chat.gateway.gateway.reload();
    };
    const notify = (line: string): void => {
      if (lines.push(line) === 1) void renew();
    };
    expect(await ask('rotation', { watch, notify })).toMatchObject({
      verdict: 'pass',
      seen: expect.stringMatching(
        /^the certificate changed after [\d.]+ s .*; 0 of 2 sockets dropped, 0 of \d+ connections failed$/,
      ),
    });
    expect(lines).toHaveLength(2);
  });
});

describe('a server that is good in one way', () => {
  it.concurrent.each(Object.entries(GOOD_SERVERS))('%s', async (id, row) => {
    const server = await startCase(row);
    try {
      const setup = { port: server.port, ...(server.ca && { ca: server.ca }), ...row.setup };
      expect(await findingOf(id, setup)).toMatchObject({
        verdict: 'pass',
        seen: expect.stringContaining(String(row.seen ?? '')),
      });
    } finally {
      server.stop();
    }
  });
});
