// RO-18
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeWorker } from '../../test/support/fake-workers.ts';
import { isLoaded, parseConfig } from '../config/load.ts';
import type { Renewal } from '../gateway/rebuild.ts';
import { type FleetPlan, rebuildAll } from './fleet-reload.ts';
import { WorkerProcess } from './worker-process.ts';

const TEXT = (at: string, workers = 2) => `workers: ${workers}
listeners: { public: { address: "127.0.0.1:0", tls: { certificates: [{ cert: cert.pem, key: key.pem }] } } }
identities: { visitors: { anonymous: {} } }
routes:
  - { name: chat, match: { path: ${at} }, origins: none-required, identify: [visitors], upstream: { url: "ws://127.0.0.1:1" } }
`;

const RENEWAL: Renewal = { generation: 2, changed: true, routes: 1, drained: 1, files: ['/a'] };
const PROBLEM = { file: 'sallyport.yaml', line: 7, column: 1, path: '', message: 'no such schema' };

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'sallyport-reload-'));
  file = path.join(folder, 'sallyport.yaml');
});

afterEach(() => rmSync(folder, { recursive: true }));

function hostOf(...fakes: FakeWorker[]) {
  const host = { serve: async () => {}, subscribe() {}, leaving() {}, answered() {}, ended() {} };
  const workers = fakes.map((fake, place) => new WorkerProcess(place + 1, fake, host));
  const loaded = parseConfig(file, TEXT('/old'));
  if (!isLoaded(loaded)) throw new Error('the test’s own configuration');
  let plan: FleetPlan = { loaded, text: TEXT('/old'), generation: 1, files: [] };
  for (const worker of workers) worker.text = plan.text;
  return {
    file,
    workers: () => workers,
    current: () => plan,
    adopt: (next: FleetPlan) => {
      plan = next;
    },
  };
}

const willing = () => new FakeWorker({ prepare: () => ({ ready: true }), commit: () => RENEWAL });

describe('a reload of all workers', () => {
  it('is put in service when all have built it, and not before', async () => {
    writeFileSync(file, TEXT('/new'));
    const fakes = [willing(), willing()];
    const host = hostOf(...fakes);
    const next = await rebuildAll(host);
    expect(fakes.map(({ asked }) => asked)).toEqual([['prepare'], ['prepare']]);
    expect(host.current().text).toBe(TEXT('/old'));
    if ('problems' in next) throw new Error('was not built');
    expect(await next.commit()).toEqual({ ...RENEWAL, drained: 2 });
    expect(host.current()).toMatchObject({ text: TEXT('/new'), generation: 2, files: ['/a'] });
  });

  it('is asked of the first alone when the first finds something wrong', async () => {
    writeFileSync(file, TEXT('/new'));
    const fakes = [
      new FakeWorker({ prepare: () => ({ ready: false, problems: [PROBLEM], files: ['/b'] }) }),
      willing(),
    ];
    expect(await rebuildAll(hostOf(...fakes))).toEqual({ problems: [PROBLEM], files: ['/b'] });
    expect(fakes[1]!.asked).toEqual(['discard']);
  });

  it('is taken by none when one of them cannot', async () => {
    writeFileSync(file, TEXT('/new'));
    const broken = new FakeWorker({ prepare: () => ({ ready: false, problems: [PROBLEM], files: [] }) });
    const fakes = [willing(), broken, willing()];
    const host = hostOf(...fakes);
    expect(await rebuildAll(host)).toMatchObject({ problems: [PROBLEM] });
    expect(fakes.map(({ asked }) => asked)).toEqual(Array(3).fill(['prepare', 'discard']));
    expect(host.current().generation).toBe(1);
  });

  it('is taken by none when one of them ends meanwhile', async () => {
    writeFileSync(file, TEXT('/new'));
    const fakes = [willing(), new FakeWorker({ prepare: () => new Promise(() => {}) })];
    const host = hostOf(...fakes);
    const built = rebuildAll(host);
    setTimeout(() => fakes[1]!.end(1), 20);
    expect(await built).toMatchObject({ problems: [{ message: 'worker 2 has ended' }] });
    expect(fakes[0]!.asked).toEqual(['prepare', 'discard']);
  });

  it('ends a worker that was ready and then does not do it, for it would not be in step', async () => {
    writeFileSync(file, TEXT('/new'));
    const liar = new FakeWorker({
      prepare: () => ({ ready: true }),
      commit: () => {
        throw new Error('nothing was prepared');
      },
    });
    const host = hostOf(willing(), liar);
    const next = await rebuildAll(host);
    if ('problems' in next) throw new Error('was not built');
    await next.commit();
    await new Promise((resolve) => setImmediate(resolve));
    expect(host.workers().map(({ state }) => state)).toEqual(['starting', 'ended']);
    expect(host.current().generation).toBe(2);
  });

  it('asks nobody where the text is wrong by itself, or changes what cannot change', async () => {
    const fake = willing();
    const host = hostOf(fake);
    for (const [text, message] of [
      ['routes: []\n', /./],
      [TEXT('/new', 3), /the number of workers cannot change/],
    ] as const) {
      writeFileSync(file, text);
      const failure = await rebuildAll(host);
      expect('problems' in failure && failure.problems[0]?.message).toMatch(message);
    }
    rmSync(file);
    expect(await rebuildAll(host)).toMatchObject({ problems: [{ message: 'there is no such file' }] });
    expect(fake.asked).toEqual([]);
  });
});
