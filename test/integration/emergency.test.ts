import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import { run } from '../../src/cli/run.ts';
import { Chat, echoes } from '../support/chat.ts';
import { testIo } from '../support/io.ts';
import { Provider, type Reply, saying } from '../support/provider.ts';
import { jwtOptionsOf } from '../support/tokens.ts';

const away: Reply = (_, response) => response.writeHead(503).end();
const TOKEN = { SALLYPORT_ADMIN_TOKEN: 'operators-token-0001' };

let provider: Provider;
let chat: Chat;

beforeEach(async () => {
  provider = await Provider.listen(away);
});

afterEach(async () => {
  await chat.close();
  await provider.close();
});

/** A gateway whose keys are too old as soon as they are a fifth of a second old and the provider does not answer. */
async function open(config: object = {}): Promise<void> {
  const keys = { cooldown: '100ms', maxAge: '200ms', staleIfError: '0s' };
  chat = await Chat.open({
    config: {
      identities: { staff: { jwt: jwtOptionsOf({ jwks: `${provider.url}/jwks`, keys }) } },
      emergency: { subjects: ['ada'], lifetime: '3s', maximum: '30m' },
      ...config,
    },
  });
}

/** Until what a client gets is this: keys grow old by themselves, and a provider that is back is noticed. */
async function until(status: number | 'in', claims: object = {}): Promise<void> {
  const knock = async () => {
    const answer = await chat.knock(claims as Record<string, unknown>);
    expect(answer === 'in' ? answer : answer.status).toBe(status);
  };
  await vi.waitFor(knock, { timeout: 10_000, interval: 20 });
}

async function goAway(): Promise<void> {
  provider.behave(saying(chat.keys));
  await until('in');
  provider.behave(away);
  await until(503);
}

it('lets in whom the configuration lists, for a short time, while an operator says so', async () => {
  await open();
  await goAway();
  const before = await chat.ask('GET', '/emergency');
  expect(before.json()).toEqual({ on: false });
  const begun = await chat.ask('POST', '/emergency', { minutes: 10, reason: 'the provider burns' });
  expect(begun.json()).toEqual({ on: true, until: expect.any(String) });
  expect(await chat.check('emergency')).toMatchObject({
    healthy: false,
    reason: expect.stringContaining(begun.json().until),
  });

  const ada = await chat.join();
  await echoes(ada);
  const { sessions } = (await chat.ask('GET', '/sessions')).json();
  expect(sessions).toMatchObject([{ subject: 'ada', emergency: true }]);
  expect(Date.parse(sessions[0].expires)).toBeLessThan(Date.now() + 3_000);
  expect(await chat.knock({ sub: 'bob' })).toMatchObject({ status: 503 });
  expect(chat.named('emergency.on')).toMatchObject([
    { who: 'operator', reason: 'the provider burns', seconds: 600 },
  ]);
  expect(chat.named('emergency.admitted')).toMatchObject([{ identity: 'staff', subject: 'ada' }]);
  expect(chat.named('upgrade.accepted').at(-1)).toMatchObject({ subject: 'ada', emergency: true });
  expect(await chat.metric('sallyport_emergency_admissions_total', { identity: 'staff' })).toBe(1);
  expect(await ada.closed()).toMatchObject({ code: 3000, reason: 'session_expired' });

  expect((await chat.ask('DELETE', '/emergency')).json()).toEqual({ on: false });
  expect(chat.named('emergency.off')).toMatchObject([{ who: 'operator' }]);
  expect(await chat.knock()).toMatchObject({ status: 503 });
  provider.behave(saying(chat.keys));
  await until('in', { sub: 'bob' });
  expect(await chat.check('emergency')).toMatchObject({ healthy: true });
});

it('revokes in an emergency as ever', async () => {
  await open();
  await goAway();
  await chat.ask('POST', '/emergency', { minutes: 10 });
  await chat.ask('POST', '/revocations', { by: 'tokenId', value: 't-1' });
  expect(await chat.knock()).toMatchObject({ status: 401 });
});

it('cannot be longer than allowed, nor be where the configuration has none', async () => {
  await open();
  const long = await chat.ask('POST', '/emergency', { minutes: 31 });
  expect([long.status, long.json().detail]).toEqual([409, 'the configuration allows 30 minutes at a time']);
  chat.rewrite((config) => Object.assign(config, { emergency: undefined }));
  expect((await chat.ask('POST', '/reload')).status).toBe(200);
  expect((await chat.ask('POST', '/emergency', { minutes: 1 })).status).toBe(409);
  expect((await chat.ask('GET', '/emergency')).json()).toEqual({ on: false });
});

it('has a new list with a reload, and nobody on it with none', async () => {
  await open();
  await goAway();
  await chat.ask('POST', '/emergency', { minutes: 10 });
  chat.rewrite((config) => Object.assign(config, { emergency: { subjects: ['bob'] } }));
  await chat.ask('POST', '/reload');
  expect(await chat.knock()).toMatchObject({ status: 503 });
  expect(await chat.knock({ sub: 'bob' })).toBe('in');
  chat.rewrite((config) => Object.assign(config, { emergency: undefined }));
  await chat.ask('POST', '/reload');
  expect(await chat.knock({ sub: 'bob' })).toMatchObject({ status: 503 });
});

it('outlives a restart where the configuration has state, and no other', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'sallyport-state-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const state = { state: { directory } };
  await open(state);
  const { until } = (await chat.ask('POST', '/emergency', { minutes: 10 })).json();
  await chat.close();
  await open(state);
  expect((await chat.ask('GET', '/emergency')).json()).toEqual({ on: true, until });
  await chat.close();
  await open();
  expect((await chat.ask('GET', '/emergency')).json()).toEqual({ on: false });
});

it('is switched by the command line', async () => {
  await open();
  const admin = `http://127.0.0.1:${chat.gateway.gateway.adminAddress!.port}`;
  const sallyport = async (...args: string[]) => {
    const io = testIo({ environment: TOKEN });
    const exit = await run(['emergency', ...args, '--admin', admin], io);
    return [exit, ...io.output, ...io.errors];
  };
  expect(await sallyport('status')).toEqual(['done', 'emergency mode is off']);
  expect(await sallyport('on', '--minutes', '5', '--reason', 'fire')).toEqual([
    'done',
    expect.stringMatching(/^emergency mode is on until \d{4}-/),
  ]);
  const [exit, text] = await sallyport('status', '--json');
  expect([exit, JSON.parse(text!)]).toEqual(['done', { on: true, until: expect.any(String) }]);
  expect(await sallyport('off')).toEqual(['done', 'emergency mode is off']);
  expect(await sallyport('on', '--minutes', '31')).toEqual([
    'failed',
    expect.stringContaining('409: the configuration allows 30 minutes at a time'),
  ]);
});
