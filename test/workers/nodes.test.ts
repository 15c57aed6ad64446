// OP-01 AX-05: two gateways of two workers each, that share a server.
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { LEASE } from '../../src/store/presence-news.ts';
import { describeWith } from '../support/programs.ts';
import { type Redis, startRedis } from '../support/redis.ts';
import { closeCode, ServedFleet } from '../support/served-fleet.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let redis: Redis;
let here: ServedFleet;
let there: ServedFleet;

interface Shown {
  readonly id: string;
  readonly node: string;
  readonly worker: number;
}

const start = (node: string) =>
  ServedFleet.start({
    workers: 2,
    sections: `node: ${node}\nstate: { redis: "${redis.url}?timeout=5000" }`,
    more: '    limits: { perSubject: { connections: 6 } }\n',
  });

/** How this gateway answers somebody more: 101 if there is a seat. */
const knock = (fleet: ServedFleet) =>
  fleet.connect().then(
    (client) => client.terminate(),
    ({ message }: Error) => message,
  );

describeWith('redis-server', 'two gateways with workers', () => {
  beforeEach(async () => {
    redis = await startRedis();
    [here, there] = await Promise.all([start('web-1'), start('web-2')]);
  });

  afterEach(async () => {
    await Promise.all([here?.end(), there?.end()]);
    await redis.stop();
  });

  it('are one to operators, and free the seats of a worker that ends at both', async () => {
    const clients = [...(await here.connectAll(2)), ...(await there.connectAll(4))];
    const { json } = await here.admin('GET /sessions');
    const shown = json.sessions as Shown[];
    expect([json.total, json.missing]).toEqual([6, undefined]);
    const places = new Set(shown.map(({ node, worker }) => `${node} ${worker}`));
    expect([...places].sort()).toEqual(['web-1 1', 'web-1 2', 'web-2 1', 'web-2 2']);
    expect((await there.admin('GET /sessions?node=web-1')).json.total).toBe(2);

    const far = shown.find(({ node }) => node === 'web-2')!;
    expect((await here.admin(`DELETE /sessions/${far.id}`)).json).toEqual({ kicked: 1 });
    await vi.waitFor(async () => expect((await here.admin(`GET /sessions/${far.id}`)).status).toBe(404));
    await vi.waitFor(() => there.connect(), { timeout: LEASE }); // the seat is told a moment later

    // All six seats are taken; those of a worker of web-2 are free at web-1 as soon as it has ended.
    await vi.waitFor(async () => expect(await knock(here)).toMatch('429'));
    const killed = performance.now();
    process.kill(there.pids().get(1)!, 'SIGKILL');
    await vi.waitFor(async () => expect(await knock(here)).toBeUndefined(), { timeout: LEASE, interval: 50 });
    expect(performance.now() - killed).toBeLessThan(LEASE / 2);

    const order = { by: 'subject', value: 'anonymous' };
    const revoked = (await here.admin('POST /revocations', order)).json;
    expect(revoked).toEqual({ ended: expect.any(Number), kept: true });
    expect(revoked.ended).toBeGreaterThan(2); // there are two here
    const codes = await Promise.all(clients.map(closeCode));
    expect([...new Set(codes)].sort()).toEqual([1006, 4500, 4501]);
  });
});
