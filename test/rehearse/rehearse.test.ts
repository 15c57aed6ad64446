import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { codeOf, run } from '../../src/cli/run.ts';
import { Stage } from '../../src/rehearse/stage.ts';
import { testIo } from '../support/io.ts';
import { broken, inSmall, written } from './shipped.ts';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-rehearse-test-'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A rehearsal that cannot be passed: the backend is killed and no connection may be lost, and strangers are let in. */
function impossible(): string {
  const file = join(folder, `impossible-${Math.random()}.yaml`);
  const whole = written('backend-loss');
  const load = { ...whole.load, connections: 4, ramp: '100ms', duration: '5s', pace: { rate: '20/s' } };
  const faults = [{ fault: 'backend-killed', at: '1s', for: '1s' }];
  const must = [
    'connections.lost == 0',
    'strangers.admitted == 0',
    { event: 'session.closed', never: true },
    'strangers.tried > 0',
  ];
  const gateway = {
    identities: { visitors: { anonymous: {} } },
    routes: [{ identify: ['people', 'visitors'] }],
  };
  writeFileSync(file, stringify({ ...whole, stage: { gateway }, load, faults, must }));
  return file;
}

describe.concurrent('a rehearsal', () => {
  it('of a backend that dies sees its sessions end, and all clients back when it is', async () => {
    const report = await inSmall('backend-loss', { seconds: 12 });
    expect(broken(report)).toEqual([]);
    const { evidence, impairment } = report;
    expect(evidence.summary.connections.lost).toBeGreaterThanOrEqual(8);
    expect(evidence.samples.at(-1)?.open).toBe(8);
    expect(impairment!.from).toBeGreaterThanOrEqual(evidence.began);
    const faults = evidence.entries.filter(({ subject }) => subject === 'fault').map(({ what }) => what);
    expect(faults).toEqual(['the backend is killed', 'the backend is back']);
  }, 90_000);

  it('of an identity provider that is slow, and then away, sees nobody cut, and newcomers let in by the keys at hand', async () => {
    const gateway = { identities: { people: { jwt: { keys: { maxAge: '1s', timeout: '1s' } } } } };
    const faults = [
      { fault: 'provider-slow', at: '500ms', for: '2500ms', by: '4s' },
      { fault: 'provider-away', at: '3500ms', for: '6s' }, // a busy machine is late to look
    ];
    const report = await inSmall('identity-provider-outage', { seconds: 11, faults, gateway });
    // Its circuit opens after five failures, which is later.
    expect(broken(report).filter((line) => !line.includes('circuit.'))).toEqual([]);
    expect(report.evidence.summary.connections.lost).toBe(0);
    expect(report.evidence.trials.filter(({ who }) => who === 'forged').length).toBeGreaterThan(0);
    expect(report.evidence.alarms.map(({ name }) => name)).toContain('SallyportIdentityProviderAway');
    const failures = report.evidence.events.filter(({ event }) => event === 'keys.failed');
    const whys = failures.map(({ fields }) => String(fields.error));
    expect(whys).toContainEqual(expect.stringContaining('no whole answer within 1000 ms'));
    expect(whys).toContainEqual(expect.stringMatching(/ECONNRESET|disconnected/));
  }, 90_000);

  it('of a certificate that is renewed in time sees nobody notice', async () => {
    const report = await inSmall('certificate-renewal', { seconds: 6, fault: { for: '3s' } });
    expect(broken(report)).toEqual([]);
    const loaded = report.evidence.events.filter(({ event }) => event === 'certificate.loaded');
    expect(loaded).toHaveLength(2);
    expect(report.evidence.alarms).toMatchObject([{ name: 'SallyportCertificateExpires' }]);
  }, 90_000);

  it('of a node that is killed sees its clients go to the other one', async () => {
    const report = await inSmall('node-loss', { seconds: 6, fault: { for: undefined } });
    expect(broken(report).filter((line) => !line.startsWith('connections.lost'))).toEqual([]);
    const { evidence } = report;
    expect(evidence.summary.connections.lost).toBe(4); // each of the two had half
    expect(evidence.samples.at(-1)?.open).toBe(8);
    expect(evidence.alarms).toMatchObject([{ name: 'SallyportDown', labels: 'instance=node-1' }]);
  }, 90_000);

  it('of a zone that is lost sees those who are left take its clients', async () => {
    const report = await inSmall('zone-loss', { seconds: 6, nodes: 2, fault: { for: undefined } });
    expect(broken(report).filter((line) => !line.startsWith('connections.lost'))).toEqual([]);
    expect(report.evidence.summary.connections.lost).toBe(4);
    expect(report.evidence.samples.at(-1)?.open).toBe(8);
  }, 90_000);

  it('of a Redis server that is away sees nobody cut, and the gateways on their own', async () => {
    expect(broken(await inSmall('redis-loss', { seconds: 9, nodes: 1, fault: { for: '2s' } }))).toEqual([]);
  }, 90_000);

  it('of a storm sees all clients return', async () => {
    const report = await inSmall('reconnect-storm', { seconds: 6 });
    expect(broken(report)).toEqual(['connections.lost == 400: 8']);
    expect(report.evidence.samples.at(-1)?.open).toBe(8);
  }, 90_000);

  it('of floods sees their limits hold, and nobody else notice', async () => {
    const shorter = { at: '1s', for: '6s' };
    const faults = written('flood').faults.map((each) =>
      each.fault === 'message-flood' ? { ...each, ...shorter, rate: '800/s' } : { ...each, ...shorter },
    );
    const report = await inSmall('flood', { seconds: 9, faults });
    // Of its alarm, a rate, scrapes before and after are needed, and a busy machine may be late for one in so short a flood.
    expect(broken(report).filter((line) => !line.startsWith('alarm '))).toEqual([]);
  }, 90_000);

  it('whose promises are broken says so, line by line, and ends with a code of its own', async () => {
    const io = testIo();
    const [json, html] = [join(folder, 'report.json'), join(folder, 'report.html')];
    const exit = await run(['rehearse', impossible(), '--quiet', '--json', json, '--html', html], io);
    expect(codeOf(exit)).toBe(10);
    expect(io.errors.join('\n')).toContain('at 1 s: backend-killed, for 1 s'); // before anything is done
    const text = io.output.join('\n');
    expect(text).toMatch(/FAIL connections\.lost == 0: [1-9]/);
    expect(text).toMatch(/FAIL strangers\.admitted == 0: [1-9]/);
    expect(text).toMatch(/ok {3}strangers\.tried > 0: [1-9]/);
    expect(text).toMatch(/FAIL event session\.closed is never seen: seen \d/);
    const { verdict, must, timeline } = JSON.parse(readFileSync(json, 'utf8'));
    expect(verdict).toBe('broken');
    expect(must.map(({ kept }: { kept: boolean }) => kept)).toEqual([false, false, false, true]);
    expect(timeline.map(({ what }: { what: string }) => what)).toContain('the backend is killed');
    const page = readFileSync(html, 'utf8');
    expect(page).toContain('the backend is killed');
    expect(page).not.toMatch(/src=|href=|@import/); // one page, and nothing else
  }, 90_000);

  it('that is interrupted ends what it started', async () => {
    const io = testIo();
    const running = run(['rehearse', impossible()], io);
    while (!io.errors.some((line) => line.includes('open')))
      await new Promise((done) => setTimeout(done, 20));
    io.signal('SIGINT');
    expect(await running).toBe('failed');
    expect(io.errors.at(-1)).toContain('interrupted');
    expect(io.output).toEqual([]);
  }, 90_000);
});

it('a stage leaves nothing behind', async () => {
  const stage = await Stage.open({ nodes: 1, redis: false, gateway: {} }, () => {});
  const [node] = stage.nodes;
  const ports = [node!.port!, node!.adminPort!, stage.backend.port, ...Object.values(stage.doors)];
  for (const port of ports) expect(await isOpen(port)).toBe(true);
  await stage.close();
  for (const port of ports) expect(await isOpen(port)).toBe(false);
  expect(existsSync(stage.folder)).toBe(false);
}, 60_000);

it('a stage whose configuration is refused says why, and leaves nothing behind', async () => {
  const gateway = { routes: [{ identify: ['nobody'] }] };
  await expect(Stage.open({ nodes: 1, redis: false, gateway }, () => {})).rejects.toThrow(
    /node-1 did not start: .*identify.*no identity of this name/,
  );
}, 60_000);

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}
