import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { codeOf, run } from '../../src/cli/run.ts';
import { type BadServer, startBadServer } from '../audit/gullible.ts';
import { Chat } from '../support/chat.ts';
import { testIo } from '../support/io.ts';
import { AUDIENCE, ISSUER } from '../support/tokens.ts';

// A rehearsal on an endpoint that the user names: from outside, and with commands of the user's for the rest.

const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const KEYS = JSON.stringify({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'k1', alg: 'ES256' }] });

let folder: string;
let chat: Chat;
let foreign: BadServer;
let metrics: Server;
/** Whether it is as sick as its metrics say. */
const isSick = () => existsSync(join(folder, 'sick'));

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-endpoint-'));
  chat = await Chat.open({
    files: { 'keys.json': KEYS },
    route: {
      dialect: { json: { type: '/type', refusal: '{"type":"error","code":{code}}' } },
      limits: { perConnection: { messages: '20/s', burst: 20 } },
    },
    listener: { limits: { perAddress: { connections: 100, handshakes: '1000/s' } } },
  });
  foreign = await startBadServer({});
  metrics = createServer((request, response) => {
    const right = request.headers.authorization === 'Bearer metrics-token';
    response.end(right ? `sallyport_health{check="upstreams"} ${isSick() ? 0 : 1}\n` : '');
  });
  await once(metrics.listen(0, '127.0.0.1'), 'listening');
  writeFileSync(join(folder, 'metrics-token'), 'metrics-token\n');
  writeFileSync(join(folder, 'ca.pem'), chat.ca.cert);
  writeFileSync(join(folder, 'foreign-ca.pem'), foreign.ca);
  writeFileSync(join(folder, 'key.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }));
});

afterAll(async () => {
  await Promise.all([chat.close(), foreign.stop()]);
  metrics.close();
  rmSync(folder, { recursive: true });
});

function fileOf(rehearsal: object): string {
  const file = join(folder, `rehearsal-${Math.random()}.yaml`);
  writeFileSync(file, stringify(rehearsal));
  return file;
}

describe.concurrent('on an endpoint that is named', () => {
  it('load and floods go there, commands break the rest, and alarms are looked for in its metrics', async () => {
    const claims = { iss: ISSUER, aud: AUDIENCE, sub: 'user {user}' };
    const file = fileOf({
      name: 'ours',
      about: 'Ours.',
      target: {
        url: `wss://localhost:${chat.gateway.port}/chat`,
        ca: 'ca.pem',
        identities: { mint: { key: 'key.pem', keyId: 'k1', claims } },
        metrics: [
          {
            ...{ name: 'one', token: 'metrics-token' },
            url: `http://127.0.0.1:${(metrics.address() as AddressInfo).port}/`,
          },
        ],
      },
      load: { connections: 4, ramp: '100ms', duration: '5s' },
      faults: [
        { fault: 'message-flood', at: '200ms', for: '1s', connections: 1, rate: '200/s' },
        { fault: 'malformed-flood', at: '200ms', for: '1s', rate: '20/s' },
        { fault: 'connection-flood', at: '200ms', for: '1s', rate: '20/s' },
        { fault: 'connections-cut', at: '1500ms' },
        {
          ...{ fault: 'command', at: '2s', for: '1s' },
          ...{ run: `touch ${join(folder, 'sick')}`, undo: `rm ${join(folder, 'sick')}` },
        },
      ],
      must: [
        'connections.lost == 4',
        'strangers.admitted == 0',
        'strangers.tried >= 3',
        'newcomers.success == 100%',
        { alarm: 'SallyportUpstreamAway' },
      ],
    });
    const [io, json] = [testIo(), join(folder, 'report.json')];
    const exit = await run(['rehearse', file, '--quiet', '--full', '--json', json], io);
    expect(io.output.join('\n')).not.toMatch(/FAIL/);
    expect([codeOf(exit), io.errors.at(-1)]).toEqual([0, expect.anything()]);
    expect(isSick()).toBe(false);
    const plan = io.errors.join('\n');
    expect(plan).toContain(
      `This acts on wss://localhost:${chat.gateway.port}/chat and on nothing else, but for`,
    );
    expect(plan).toContain('at 2 s: command, for 1 s: runs "touch ');
    const { timeline, trials } = JSON.parse(readFileSync(json, 'utf8'));
    const said = timeline.filter(({ subject }: { subject: string }) => subject === 'fault');
    expect(said.map(({ what }: { what: string }) => what)).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^the flood is over: \d+ messages, [1-9]\d* answered with a refusal/),
        expect.stringMatching(/^the flood is over: \d+ connections, \d+ of them ended/),
        '4 connections are cut at once',
      ]),
    );
    const who = new Set(trials.map((each: { who: string }) => each.who));
    expect([...who]).toEqual(expect.arrayContaining(['newcomer', 'without', 'garbage', 'expired']));
  }, 60_000);

  it('that is not Sallyport, the shipped rehearsal runs in small, and sees nothing wrong', async () => {
    const io = testIo();
    const url = `wss://localhost:${foreign.port}/`;
    const text = readFileSync('examples/rehearsals/any-endpoint.yaml', 'utf8');
    const small = text
      .replace(
        /connections: 50\n {2}ramp: 5s\n {2}duration: 30s/,
        'connections: 4\n  ramp: 100ms\n  duration: 6s',
      )
      .replace(/at: \d+s, for: 6s/g, 'at: 300ms, for: 1s')
      .replace('at: 19s', 'at: 1500ms');
    const file = join(folder, 'small.yaml');
    writeFileSync(file, text === small ? '' : small);
    const given = ['--target', url, '--ca', join(folder, 'foreign-ca.pem'), '--quiet'];
    const exit = await run(['rehearse', file, ...given], io);
    expect(io.output.join('\n')).not.toMatch(/FAIL/);
    expect(exit).toBe('done');
    expect(io.errors.join('\n')).toContain('connection-flood: 10 a second, not 50'); // nobody asked for --full
    expect(io.output.join('\n')).toContain('not looked for: target.metrics names nobody');
  }, 60_000);

  it('that lets nobody in, nothing is done', async () => {
    const io = testIo();
    const url = `wss://localhost:${chat.gateway.port}/chat`;
    const given = ['--target', url, '--ca', join(folder, 'ca.pem')];
    const before = chat.named('upgrade.refused').length;
    expect(await run(['rehearse', 'any-endpoint', ...given], io)).toBe('failed');
    expect(io.errors.at(-1)).toBe(`sallyport: ${url} lets nobody in: 401`);
    expect(chat.named('upgrade.refused')).toHaveLength(before + 1);
  }, 60_000);
});
