import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { RedisBus } from '../../src/store/redis-bus.ts';
import { parseRedisPlace } from '../../src/store/redis-place.ts';
import { type Json, StoreError } from '../../src/store/store.ts';
import { describeWith } from '../support/programs.ts';
import { type Redis, type RedisCluster, startRedis, startRedisCluster } from '../support/redis.ts';

const buses: RedisBus[] = [];

async function openBus(url: string, node: string, options = {}): Promise<RedisBus> {
  const place = parseRedisPlace(url);
  if (typeof place === 'string') throw new Error(place);
  const bus = new RedisBus(place, node, { timeout: 2_000, interval: 100, ...options });
  buses.push(bus);
  await bus.open();
  expect(bus.trouble).toBeUndefined();
  return bus;
}

function hearing(bus: RedisBus, channel = 'news'): Json[] {
  const heard: Json[] = [];
  bus.subscribe(channel, (message) => heard.push(message));
  return heard;
}

afterEach(async () => {
  for (const bus of buses.splice(0)) await bus.close();
});

describeWith('redis-server', 'the bus of one server', () => {
  let redis: Redis;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());

  it('tells everybody, the publisher at once and once, and in order', async () => {
    const [a, b] = [await openBus(redis.url, 'a'), await openBus(redis.url, 'b')];
    const [hereA, hereB, other] = [hearing(a), hearing(b), hearing(b, 'other')];
    const messages = Array.from({ length: 100 }, (_, i) => ({ i }));
    const sent = messages.map((message) => a.publish('news', message));
    expect(hereA).toEqual(messages);
    await Promise.all(sent);
    await vi.waitFor(() => expect(hereB).toEqual(messages));
    await b.publish('other', null);
    expect(hereA).toHaveLength(100);
    expect(other).toEqual([null]);
  });

  it('tells no database about another', async () => {
    const [a, b] = [await openBus(redis.url, 'a'), await openBus(`${redis.url}/1`, 'b')];
    const [heard, elsewhere] = [hearing(a), hearing(b)];
    await a.publish('news', 1);
    await b.publish('news', 2);
    expect(heard).toEqual([1]);
    expect(elsewhere).toEqual([2]);
  });

  it('says that something was missed when the numbers of a node have a gap, and not before', async () => {
    const bus = await openBus(redis.url, 'a');
    const heard = hearing(bus);
    let gaps = 0;
    bus.onGap(() => gaps++);
    const say = (...said: Json[]) => redis.send('PUBLISH', 'sallyport:bus:0', JSON.stringify(said));
    await say('z', 7, 'news', 'first');
    await say('z', 8, 'news', 'second');
    await say('z', 8);
    await vi.waitFor(() => expect(heard).toEqual(['first', 'second']));
    expect(gaps).toBe(0);
    await say('z', 10, 'news', 'after a gap');
    await vi.waitFor(() => expect(gaps).toBe(1));
    await say('z', 11);
    await vi.waitFor(() => expect(gaps).toBe(2));
    expect(heard).toEqual(['first', 'second', 'after a gap']);
  });

  it('hears nothing in what is no message of ours', async () => {
    const bus = await openBus(redis.url, 'a');
    const heard = hearing(bus);
    for (const junk of ['', '{', 'null', '[]', '["z"]', '["z",1.5]', '["z",1,2,3]', '{"z":1}']) {
      await redis.send('PUBLISH', 'sallyport:bus:0', junk);
    }
    await redis.send('PUBLISH', 'sallyport:bus:0', '["z",1,"news","real"]');
    await vi.waitFor(() => expect(heard).toEqual(['real']));
    expect(bus.trouble).toBeUndefined();
  });

  it('refuses what is too large for anybody to hear', async () => {
    const bus = await openBus(redis.url, 'a');
    await expect(bus.publish('news', 'x'.repeat(1_100_000))).rejects.toThrow(StoreError);
  });

  it('says that something was missed when its connection was cut, and hears again', async () => {
    const [a, b] = [await openBus(redis.url, 'a'), await openBus(redis.url, 'b')];
    const heard = hearing(b);
    const gap = new Promise<void>((resolve) => void b.onGap(resolve));
    await redis.send('CLIENT', 'KILL', 'TYPE', 'pubsub');
    await gap;
    await vi.waitFor(() => expect(a.trouble).toBeUndefined());
    await a.publish('news', 'again');
    await vi.waitFor(() => expect(heard).toEqual(['again']));
  });

  it('says that something was missed when the server did not answer for a while', async () => {
    const bus = await openBus(redis.url, 'a', { timeout: 100 });
    const gap = new Promise<void>((resolve) => void bus.onGap(resolve));
    redis.freeze();
    try {
      await vi.waitFor(() => expect(bus.trouble).toMatch(/no answer/));
      const begun = performance.now();
      await expect(bus.publish('news', 1)).rejects.toThrow(StoreError);
      expect(performance.now() - begun).toBeLessThan(50); // it is known that nobody hears: nobody waits for that
    } finally {
      redis.thaw();
    }
    await gap;
    await vi.waitFor(() => expect(bus.trouble).toBeUndefined());
  });

  it('tells its own process whatever has become of the server, and says that others were not told', async () => {
    const bus = await openBus(redis.url, 'a');
    const heard = hearing(bus);
    await redis.kill();
    await expect(bus.publish('news', 1)).rejects.toThrow(StoreError);
    await vi.waitFor(() => expect(bus.trouble).toBeDefined());
    expect(heard).toEqual([1]);
    const gap = new Promise<void>((resolve) => void bus.onGap(resolve));
    await redis.start();
    await gap;
    expect(bus.trouble).toBeUndefined();
  });
});

describeWith('redis-server', 'the bus of a cluster', () => {
  let cluster: RedisCluster;
  beforeAll(async () => {
    cluster = await startRedisCluster();
  });
  afterAll(() => cluster.stop());

  it('reaches those who are at another node', async () => {
    const [first, second] = cluster.nodes.map(({ port }) => `redis+cluster://127.0.0.1:${port}`) as [
      string,
      string,
    ];
    const [a, b] = [await openBus(first, 'a'), await openBus(second, 'b')];
    const heard = hearing(b);
    await a.publish('news', 'from afar');
    await vi.waitFor(() => expect(heard).toEqual(['from afar']));
  });

  it('goes on at another node when its own has died', async () => {
    const bus = await openBus(cluster.url, 'a');
    const gap = new Promise<void>((resolve) => void bus.onGap(resolve));
    await cluster.nodes[0]!.kill();
    await gap;
    expect(bus.trouble).toBeUndefined();
    const other = await openBus(`redis+cluster://127.0.0.1:${cluster.nodes[1]!.port}`, 'b');
    const heard = hearing(bus);
    await other.publish('news', 'still here');
    await vi.waitFor(() => expect(heard).toEqual(['still here']));
  });
});
