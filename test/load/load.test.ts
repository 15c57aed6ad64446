import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type LoadReport, load } from '../../src/load/run.ts';
import { type ScenarioInput, scenarioOf } from '../../src/load/scenario.ts';
import { Chat, type ChatOptions } from '../support/chat.ts';
import { AUDIENCE, ISSUER } from '../support/tokens.ts';

const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const KEYS = JSON.stringify({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'k1', alg: 'ES256' }] });

let chat: Chat | undefined;
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-load-'));
});

afterEach(async () => {
  await chat?.close();
  chat = undefined;
  rmSync(folder, { recursive: true, force: true });
});

/** Runs a load on a gateway that trusts the tokens that are minted for it. */
async function run(scenario: Omit<ScenarioInput, 'target'>, gateway: ChatOptions = {}): Promise<LoadReport> {
  chat = await Chat.open({ ...gateway, files: { 'keys.json': KEYS } });
  writeFileSync(join(folder, 'ca.pem'), chat.ca.cert);
  writeFileSync(join(folder, 'key.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }));
  const claims = { iss: ISSUER, aud: AUDIENCE, sub: 'user {user}' };
  const identities = { mint: { key: 'key.pem', keyId: 'k1', claims } };
  const whole = {
    target: `wss://localhost:${chat.gateway.port}/chat`,
    tls: { ca: 'ca.pem' },
    identities,
    ramp: '100ms',
    duration: '700ms',
    ...scenario,
  };
  return await load(scenarioOf(whole), { folder });
}

const HELLO = [{ template: '{"type":"hello","id":"{id}","text":"{text:20}"}' }];
const JSON_ROUTE = { dialect: { json: { type: '/type', refusal: '{"refused":{code}}' } } };

const turn = () => new Promise((resolve) => setTimeout(resolve, 5));

describe('a load', () => {
  it('of open connections measures what is sent and answered, by several processes', async () => {
    const { summary, contract, verdict } = await run({
      connections: 6,
      processes: 2,
      messages: HELLO,
      answer: '/id',
      pace: { rate: '100/s' },
      contract: ['connections.success == 100%', 'messages.success == 100%', 'latency.max < 10s'],
    });
    expect(summary.connections).toMatchObject({ tried: 6, opened: 6, lost: 0 });
    expect(summary.messages.answered).toBe(summary.messages.sent);
    expect(summary.messages.sent).toBeGreaterThan(30);
    expect(summary.latency.p50).toBeGreaterThan(0);
    expect(summary.cost).toHaveLength(2);
    expect(contract.every(({ kept }) => kept)).toBe(true);
    if (summary.bottleneck === undefined) expect(verdict).toBe('held');
    const subjects = new Set(chat!.named('session.opened').map(({ subject }) => subject));
    expect(subjects.size).toBe(6);
  });

  it('in a closed loop never has more waiting than it says', async () => {
    const { summary } = await run({
      connections: 2,
      messages: HELLO,
      pace: { outstanding: 3, think: '20ms' },
    });
    expect(summary.messages.answered).toBeGreaterThan(6);
    expect(summary.messages.sent - summary.messages.answered).toBeLessThanOrEqual(6);
  });

  it('breaks a contract that does not hold, and says what was seen', async () => {
    const { contract, verdict } = await run({
      connections: 1,
      messages: HELLO,
      contract: ['latency.p50 < 0.001ms', 'connections.lost == 0'],
    });
    expect(contract.map(({ kept }) => kept)).toEqual([false, true]);
    expect(['broken', 'bound']).toContain(verdict);
  });

  it('counts who is refused, and why', async () => {
    const limits = { perRoute: { connections: 2 } };
    const { summary } = await run({ connections: 4, duration: '300ms' }, { route: { limits } });
    expect(summary.connections.opened).toBe(2);
    expect(summary.connections.refused['429']).toBeGreaterThanOrEqual(2);
  });

  it('cuts all at once and measures how long they take to return', async () => {
    const { summary } = await run({ connections: 5, duration: '3s', storm: { at: '100ms' } });
    expect(summary.connections.opened).toBe(10);
    expect(summary.storm!.recovery).toBeGreaterThan(0);
    expect(summary.storm!.recovery).toBeLessThan(Number.POSITIVE_INFINITY);
  });

  it('renews connections', async () => {
    const { summary } = await run({ connections: 3, churn: '20/s' });
    expect(summary.connections.opened).toBeGreaterThan(4);
    expect(summary.connections.lost).toBe(0);
  });

  it('has readers that never read, who are thrown out for it', async () => {
    const big = [{ template: '{"type":"hello","id":"{id}","text":"{text:60000}"}' }];
    await run(
      { connections: 2, duration: '3s', slowReaders: 0.001, messages: big, pace: { rate: '400/s' } },
      { route: { lifetime: { slowConsumer: '1s' }, limits: { perConnection: { messages: '10000/s' } } } },
    );
    await chat!.gateway.logged('session.closed', ({ code }) => code === 'slow_consumer');
  }, 30_000);

  it('of an open loop has what stood still in the latency of all that was due meanwhile', async () => {
    const running = run({
      connections: 1,
      messages: HELLO,
      answer: '/id',
      duration: '1500ms',
      pace: { rate: '100/s' },
    });
    while (!chat?.log.some(({ event }) => event === 'session.opened')) await turn();
    await (await chat.upstream.next()).nextOf('text');
    // The gateway is in this process: while this spins, it answers nothing, and fifty messages fall due.
    for (const until = performance.now() + 500; performance.now() < until; );
    const { summary } = await running;
    expect(summary.latency.p90).toBeGreaterThan(100);
  });

  it('says nothing about the endpoint when it could not keep up itself', async () => {
    const { verdict, summary } = await run({ connections: 1, messages: HELLO, pace: { rate: '9000000/s' } });
    expect(verdict).toBe('bound');
    expect(summary.bottleneck).toMatch(/generator|after they were due/);
  }, 60_000);
});

describe('an outcome', () => {
  it('comes true where the gateway does what it should', async () => {
    const { summary } = await run(
      {
        connections: 1,
        messages: HELLO,
        pace: { outstanding: 1, think: '500ms' },
        outcomes: [
          {
            name: 'the 101st message of a second is refused',
            burst: { messages: 101, passing: 100, refusal: 'rate_exceeded' },
          },
          { name: 'an expired token is out within 2 s', expiry: { lifetime: '2s', within: '2s' } },
          { name: 'nobody comes in without a token', upgrade: { token: 'none' } },
          { name: 'nor with one that says nothing', upgrade: { token: 'garbage' } },
          { name: 'nor with one that has run out', upgrade: { token: 'expired' } },
          { name: 'nor with one that somebody else signed', upgrade: { token: 'forged' } },
        ],
      },
      { route: { ...JSON_ROUTE, limits: { perConnection: { messages: '1/s', burst: 100 } } } },
    );
    expect(summary.outcomes.filter(({ held }) => !held)).toEqual([]);
    expect(summary.outcomes).toHaveLength(6);
  }, 30_000);

  it('does not where it does not', async () => {
    const { summary } = await run(
      {
        connections: 1,
        messages: HELLO,
        outcomes: [
          { name: 'burst', burst: { messages: 5, passing: 4, refusal: 'rate_exceeded' } },
          { name: 'expiry', expiry: { lifetime: '1s', within: '500ms' } },
          { name: 'upgrade', upgrade: { token: 'none' } },
        ],
      },
      { route: { ...JSON_ROUTE, identify: ['staff', 'visitors'], lifetime: { refreshGrace: '1h' } } },
    );
    expect(summary.outcomes.map(({ held }) => held)).toEqual([false, false, false]);
  }, 30_000);
});
