import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHECKS } from '../../src/audit/checks/list.ts';
import type { Result } from '../../src/audit/judge.ts';
import type { AuditReport } from '../../src/audit/run.ts';
import { Chat } from '../support/chat.ts';
import { type RunningGateway, startGateway } from '../support/gateway.ts';
import { RawServer } from '../support/raw-server.ts';
import { startCase } from './case.ts';
import { GOOD_SERVERS } from './good-servers.ts';
import { auditOf, findingOf, type Setup } from './harness.ts';

// No check fires where nothing is wrong. Most are held against a gateway with its default configuration, which gets the
// best grade; those of identity against one that reads tokens; and a few, which it leaves to its operator, against others.

const ORIGIN = 'https://app.example.com';
const PATIENT = { verdict: 2_000, handshake: 14_000, incomplete: 14_000, idle: 36_000 };

const ofIdentity = (id: string): boolean => id.startsWith('token-');
const ofGateway = CHECKS.filter(({ id }) => !ofIdentity(id) && id !== 'rotation' && !(id in GOOD_SERVERS));

describe('a gateway with its default configuration', () => {
  let gateway: RunningGateway;
  let upstream: RawServer;
  let report: AuditReport;

  beforeAll(async () => {
    upstream = await RawServer.listen({ echo: true, answersPing: true });
    gateway = await startGateway({
      config: {
        routes: [
          {
            name: 'live',
            match: { path: '/live' },
            origins: [ORIGIN],
            identify: ['visitors'],
            upstream: { url: upstream.url },
          },
        ],
      },
    });
    report = await auditOf({
      port: gateway.port,
      ca: gateway.ca.cert,
      path: '/live',
      always: [['Origin', ORIGIN]],
      allowance: { rate: 20 },
      patience: PATIENT,
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

  it.each(CHECKS.map(({ id }) => id).filter(ofIdentity))('%s', async (id) => {
    expect(await ask(id, setups[id]?.())).toMatchObject({ verdict: 'pass' });
  });

  it('rotation', async () => {
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
  it.each(Object.entries(GOOD_SERVERS))('%s', async (id, row) => {
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
