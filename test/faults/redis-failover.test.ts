// RL-07 AX-08: the Redis that nodes share is killed, and its replica takes its place
import { afterEach, expect, it, vi } from 'vitest';
import { Chat, echoes } from '../support/chat.ts';
import { FaultProxy } from '../support/fault-proxy.ts';
import { AWAY, LIMIT_ROUTES, limited, passedOf } from '../support/limits-away.ts';
import { describeWith } from '../support/programs.ts';
import { type Redis, startRedisCluster, startRedisPair } from '../support/redis.ts';

vi.setConfig({ testTimeout: 60_000 });

interface Failover {
  readonly url: string;
  readonly master: Redis;
  readonly replica: Redis;
  /** The replica takes over, and can be reached as its master could. */
  promote(): Promise<unknown>;
  stop(): Promise<void>;
}

const FORMS: Readonly<Record<string, () => Promise<Failover>>> = {
  async 'a cluster, that loses one of its masters'() {
    const cluster = await startRedisCluster({ replicas: true });
    // The first that the gateway is told of: where it hears the news, too.
    const [[master], [replica]] = [cluster.nodes, cluster.replicas] as [[Redis], [Redis]];
    const promote = () => replica.send('CLUSTER', 'FAILOVER', 'TAKEOVER');
    return { url: cluster.url, master, replica, promote, stop: () => cluster.stop() };
  },
  async 'one server, with a replica behind the same address'() {
    const { master, replica } = await startRedisPair();
    const cable = await FaultProxy.listen(master.port);
    return {
      url: `redis://127.0.0.1:${cable.port}`,
      master,
      replica,
      async promote() {
        await replica.send('REPLICAOF', 'NO', 'ONE');
        cable.target = replica.port;
      },
      async stop() {
        await cable.close();
        for (const each of [replica, master]) await each.stop();
      },
    };
  },
};

const undo: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const each of undo.splice(0).reverse()) await each();
});

/** Makes a replica its master's successor, as planned. Redis gives up a handover after 5 s, so it is asked again. */
async function takeOver(replica: Redis): Promise<void> {
  await vi.waitFor(
    async () => {
      const [role] = (await replica.send('ROLE')) as [string];
      if (role === 'master') return;
      await replica.send('CLUSTER', 'FAILOVER');
      throw new Error('it is still a replica');
    },
    { timeout: 30_000, interval: 2_000 },
  );
}

async function open(url: string): Promise<Chat> {
  const chat = await Chat.open({
    routes: LIMIT_ROUTES,
    // Of a server that is killed it is known at once; one that is slow on a busy machine is not away.
    config: { state: { redis: `${url}?timeout=5000` } },
  });
  undo.push(() => chat.close());
  return chat;
}

const iat = () => Math.floor(Date.now() / 1_000) - 5;
const revoke = (chat: Chat, value: string) => chat.ask('POST', '/revocations', { by: 'subject', value });
const isHealthy = (chat: Chat, healthy: boolean) =>
  vi.waitFor(async () => expect(await chat.check('state')).toMatchObject({ healthy }), { timeout: 15_000 });

describeWith('redis-server', 'two gateways that share', () => {
  it.each(Object.entries(FORMS))('%s', async (_name, start) => {
    const failover = await start();
    undo.push(() => failover.stop());
    const [here, there] = [await open(failover.url), await open(failover.url)];
    const talker = await here.join();
    await echoes(talker);
    expect((await revoke(here, 'mallory')).json()).toMatchObject({ kept: true });
    await failover.master.send('WAIT', '1', '5000');

    await failover.master.kill();
    await echoes(talker, 'nobody waits for the store'); // while it is not known yet
    await Promise.all([here.gateway.logged('state.lost'), there.gateway.logged('state.lost')]);
    await isHealthy(here, false);
    expect((await here.ask('GET', '/health/ready')).status).toBe(200);
    expect(await passedOf(here)).toEqual(AWAY);
    const sub = { sub: 'eve', iat: iat() };
    const [doomed, far] = [await here.join(sub), await there.join(sub)];
    expect((await revoke(here, 'eve')).status).toBe(500);
    expect((await doomed.nextOf('close')).code).toBe(4500);
    await echoes(talker);

    await failover.promote();
    await Promise.all([here.gateway.logged('state.back'), there.gateway.logged('state.back')]);
    expect((await far.nextOf('close')).code).toBe(4500); // at the latest now
    for (const each of [here, there]) await isHealthy(each, true);
    // They count together again, by what the new one has.
    const mine = await here.join({ sub: 'after' }, limited('seats', 'closed'));
    const knock = () => there.knock({ sub: 'after' }, limited('seats', 'closed'));
    await vi.waitFor(async () => expect(await knock()).toMatchObject({ status: 429 }), { timeout: 5_000 });
    mine.destroy();
    // What was revoked before, and meanwhile, is known to who comes now.
    const late = await open(failover.url);
    for (const revoked of ['mallory', 'eve'])
      await vi.waitFor(async () =>
        expect(await late.knock({ sub: revoked, iat: iat() })).toMatchObject({ status: 401 }),
      );
    await echoes(talker, 'to the end');
    for (const each of [here, there, late]) expect(each.named('gateway.fault')).toEqual([]);
  });

  it('a cluster whose master hands over as planned lose nothing, and whoever is connected does not notice', {
    timeout: 120_000,
  }, async () => {
    const cluster = await startRedisCluster({ replicas: true });
    undo.push(() => cluster.stop());
    const [here, there] = [await open(cluster.url), await open(cluster.url)];
    const talker = await here.join();
    const doomed = await there.join({ sub: 'eve', iat: iat() });
    expect((await revoke(here, 'mallory')).json()).toMatchObject({ kept: true });
    for (const replica of cluster.replicas) {
      await takeOver(replica);
      await echoes(talker);
    }
    for (const each of [here, there]) await isHealthy(each, true);
    expect((await revoke(here, 'eve')).json()).toMatchObject({ kept: true });
    expect((await doomed.nextOf('close')).code).toBe(4500);
    const kept = await there.gateway.gateway.services.store.list('revocation/');
    expect(kept).toHaveLength(2);
    for (const each of [here, there]) expect(each.named('gateway.fault')).toEqual([]);
  });
});
