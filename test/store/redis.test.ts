import { parseRedisPlace } from '../../src/store/redis-place.ts';
import { RedisStore } from '../../src/store/redis-store.ts';
import { describeWith } from '../support/programs.ts';
import { startRedis, startRedisCluster } from '../support/redis.ts';
import { describeStore } from './store-suite.ts';

async function openPair(url: string): Promise<readonly [RedisStore, RedisStore]> {
  const place = parseRedisPlace(url);
  if (typeof place === 'string') throw new Error(place);
  // A machine that runs other tests as well is slow: time is not what these look at.
  const stores = [
    new RedisStore(place, { timeout: 5_000 }),
    new RedisStore(place, { timeout: 5_000 }),
  ] as const;
  for (const store of stores) await store.open();
  return stores;
}

describeWith('redis-server', 'one server', () =>
  describeStore({
    name: 'redis',
    async open() {
      const redis = await startRedis();
      const stores = await openPair(redis.url);
      return {
        stores,
        async close() {
          for (const store of stores) await store.close();
          await redis.stop();
        },
      };
    },
  }),
);

describeWith('redis-server', 'a cluster of three', () =>
  describeStore({
    name: 'redis',
    async open() {
      const cluster = await startRedisCluster();
      const stores = await openPair(cluster.url);
      return {
        stores,
        async close() {
          for (const store of stores) await store.close();
          await cluster.stop();
        },
      };
    },
  }),
);
