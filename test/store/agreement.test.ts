import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { limitOf } from '../../src/store/buckets.ts';
import { systemClock } from '../../src/store/clock.ts';
import { LmdbStore } from '../../src/store/lmdb-store.ts';
import { MemoryStore } from '../../src/store/memory-store.ts';
import { parseRedisPlace } from '../../src/store/redis-place.ts';
import { RedisStore } from '../../src/store/redis-store.ts';
import type { Json, Store } from '../../src/store/store.ts';
import { describeWith } from '../support/programs.ts';
import { type Redis, startRedis } from '../support/redis.ts';

// All forms of the store answer alike, whatever is asked of them and in which order.

/** So slow that none of it is paid back while the test runs. */
const LIMIT = limitOf({ count: 1, period: 86_400_000 }, 40);
const HOUR = 3_600_000;

/** As JSON has them: a minus before nothing is lost. */
const number = fc.oneof(
  fc.integer({ min: -1_000, max: 1_000 }),
  fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e15, max: 1e15 }).map((each) => each + 0 || 0),
);
const value: fc.Arbitrary<Json> = fc.oneof(
  number,
  fc.jsonValue({ maxDepth: 2 }).map((each) => JSON.parse(JSON.stringify(each)) as Json),
);
const key = fc.constantFrom('a', 'b', 'a/b', 'é*', '\0[');

type Step = readonly [name: string, run: (store: Store, key: (name: string) => string) => Promise<unknown>];

const step: fc.Arbitrary<Step> = fc.oneof(
  key.map((name): Step => [`get ${name}`, (store, at) => store.get(at(name))]),
  fc
    .tuple(key, value, fc.constantFrom(undefined, HOUR))
    .map(([name, each, ttl]): Step => [`set ${name}`, (store, at) => store.set(at(name), each, ttl)]),
  fc.tuple(key, value).map(([name, each]): Step => [`add ${name}`, (store, at) => store.add(at(name), each)]),
  key.map((name): Step => [`take ${name}`, (store, at) => store.take(at(name))]),
  key.map((name): Step => [`delete ${name}`, (store, at) => store.delete(at(name))]),
  fc
    .tuple(key, number, fc.option(number, { nil: undefined }), fc.constantFrom(undefined, HOUR))
    .map(([name, by, most, ttl]): Step => {
      const options = { ...(most !== undefined && { most }), ...(ttl !== undefined && { ttl }) };
      return [`increment ${name} ${by} ${most}`, (store, at) => store.increment(at(name), by, options)];
    }),
  fc
    .tuple(fc.constantFrom('x', 'y'), fc.integer({ min: 0, max: 60 }))
    .map(
      ([name, units]): Step => [`draw ${name} ${units}`, (store, at) => store.draw(at(name), units, LIMIT)],
    ),
  fc.constantFrom('', 'a', 'é').map(
    (prefix): Step => [
      `list ${prefix}`,
      async (store, at) => {
        const start = at('');
        const listed = await store.list(at(prefix));
        // What an allowance keeps is a moment, and no other's business.
        const names = listed.map(([name, each]) => [name.slice(start.length), each] as const);
        return names.filter(([name]) => name !== 'x' && name !== 'y').sort(([a], [b]) => (a < b ? -1 : 1));
      },
    ],
  ),
);

describeWith('redis-server', 'memory, LMDB and Redis', () => {
  let redis: Redis;
  let folder: string;
  let stores: readonly Store[];
  let run = 0;

  beforeAll(async () => {
    redis = await startRedis();
    folder = mkdtempSync(join(tmpdir(), 'sallyport-lmdb-'));
    const place = parseRedisPlace(redis.url);
    if (typeof place === 'string') throw new Error(place);
    const server = new RedisStore(place, { timeout: 5_000 });
    await server.open();
    stores = [new MemoryStore(systemClock), new LmdbStore(folder, systemClock, { timeout: 10_000 }), server];
  });
  afterAll(async () => {
    for (const store of stores) await store.close();
    await redis.stop();
    rmSync(folder, { recursive: true });
  });

  /** What a store says, or that it refuses. */
  const answer = (step: Step, store: Store, place: string): Promise<unknown> =>
    step[1](store, (name) => `${place}/${name}`).catch(() => 'refused');

  it('answer alike', { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 30 }), async (steps) => {
        const place = `run-${++run}`;
        for (const each of steps) {
          const [memory, lmdb, server] = await Promise.all(stores.map((store) => answer(each, store, place)));
          expect(lmdb, each[0]).toEqual(memory);
          expect(server, each[0]).toEqual(memory);
        }
      }),
      { numRuns: 60 },
    );
  });
});
