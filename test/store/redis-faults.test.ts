import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, expect, it, vi } from 'vitest';
import { createDevelopmentCa } from '../../src/edge/development-ca.ts';
import { RedisBus } from '../../src/store/redis-bus.ts';
import { parseRedisPlace, type RedisPlace } from '../../src/store/redis-place.ts';
import { RedisStore } from '../../src/store/redis-store.ts';
import { StoreError } from '../../src/store/store.ts';
import { describeWith } from '../support/programs.ts';
import { freePort, type Redis, startRedis, startRedisCluster, startRedisSentinel } from '../support/redis.ts';

// What becomes of a server, and what its store makes of that: it says so, keeps nobody waiting, and goes on by itself.

const undo: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const each of undo.splice(0).reverse()) await each();
});

async function start(options: readonly string[] = []): Promise<Redis> {
  const redis = await startRedis(options);
  undo.push(() => redis.stop());
  return redis;
}

/** A store that looks often, so that the test need not wait long. */
async function open(
  url: string,
  more: ConstructorParameters<typeof RedisStore>[1] = {},
): Promise<RedisStore> {
  const place = parseRedisPlace(url);
  if (typeof place === 'string') throw new Error(place);
  const store = new RedisStore(place, { timeout: 300, interval: 100, ...more });
  undo.push(() => store.close());
  await store.open();
  return store;
}

const well = (store: RedisStore) =>
  vi.waitFor(() => expect(store.trouble).toBeUndefined(), { timeout: 12_000, interval: 20 });
const ill = (store: RedisStore, words: RegExp) =>
  vi.waitFor(() => expect(store.trouble).toMatch(words), { timeout: 12_000, interval: 5 });

/** Refused before anything can have been asked. */
async function expectRefusedAtOnce(store: RedisStore): Promise<void> {
  const asked = store.get('a').then(
    () => 'answered',
    (error: unknown) => error,
  );
  const turn = new Promise((resolve) => setImmediate(resolve, 'nothing yet'));
  expect(await Promise.race([asked, turn])).toBeInstanceOf(StoreError);
}

describeWith('redis-server', 'a store whose server', () => {
  it('is killed refuses at once, and goes on when there is one again', async () => {
    const redis = await start();
    const store = await open(redis.url);
    await store.set('a', 1);
    await redis.kill();
    await expect(store.get('a')).rejects.toThrow(StoreError);
    await ill(store, /./);
    await expectRefusedAtOnce(store);
    await redis.start();
    await well(store);
    expect(await store.get('a')).toBeUndefined(); // it kept nothing
  });

  it('does not answer is given its time once, and then nobody waits for it', async () => {
    const redis = await start();
    const store = await open(redis.url);
    redis.freeze();
    await expect(store.get('a')).rejects.toThrow(/no answer within 300 ms/);
    await expectRefusedAtOnce(store);
    redis.thaw();
    await well(store);
    expect(await store.increment('a', 1)).toBe(1);
  });

  it('does not answer holds no more than it may, however many ask at once', async () => {
    const redis = await start();
    const store = await open(redis.url, { timeout: 1_000 });
    redis.freeze();
    const asked = Array.from({ length: 12_000 }, (_, i) =>
      store.get(`${i}`).catch((error: Error) => error.message),
    );
    const told = new Map<unknown, number>();
    for (const each of await Promise.all(asked)) told.set(each, (told.get(each) ?? 0) + 1);
    expect(told.get('too many commands wait for their answers')).toBeGreaterThanOrEqual(1_900);
    redis.thaw();
    await well(store);
  });

  it('becomes a replica says so, and goes on when it is a master again', async () => {
    const [redis, other] = [await start(), await start()];
    const store = await open(redis.url);
    await redis.send('REPLICAOF', '127.0.0.1', String(other.port));
    await ill(store, /READONLY|replica/);
    await expectRefusedAtOnce(store);
    await redis.send('REPLICAOF', 'NO', 'ONE');
    await well(store);
    await store.set('a', 1);
  });

  it('is full says so, and goes on when there is room', async () => {
    const redis = await start();
    const store = await open(redis.url);
    await redis.send('CONFIG', 'SET', 'maxmemory', '1');
    await ill(store, /OOM|maxmemory/);
    await redis.send('CONFIG', 'SET', 'maxmemory', '0');
    await well(store);
  });

  it('has lost what it had says so, though it was never away', async () => {
    const redis = await start();
    const returned = vi.fn();
    const store = await open(redis.url, { returned });
    expect(returned).toHaveBeenCalledTimes(1);
    await redis.send('FLUSHALL');
    await vi.waitFor(() => expect(returned).toHaveBeenCalledTimes(2));
    expect(store.trouble).toBeUndefined();
  });

  it('has an entry that is not ours refuses that one, and is well', async () => {
    const redis = await start();
    const store = await open(redis.url);
    await redis.send('SET', 'sallyport:a', 'no JSON');
    await redis.send('LPUSH', 'sallyport:b', 'a list');
    await expect(store.get('a')).rejects.toThrow(StoreError);
    await expect(store.get('b')).rejects.toThrow(StoreError);
    expect(store.trouble).toBeUndefined();
  });

  it('asks for a password is given it, and a wrong one is not repeated', async () => {
    const redis = await start([
      '--requirepass',
      'secret',
      '--user',
      'gate',
      'on',
      '>p@ss:word',
      '~*',
      '&*',
      '+@all',
    ]);
    const at = `127.0.0.1:${redis.port}`;
    expect((await open(`redis://:secret@${at}`)).trouble).toBeUndefined();
    expect((await open(`redis://gate:p%40ss%3Aword@${at}`)).trouble).toBeUndefined();
    const { trouble } = await open(`redis://gate:hunter2@${at}`);
    expect(trouble).toMatch(/WRONGPASS/);
    expect(trouble).not.toContain('hunter2');
    expect((await open(redis.url)).trouble).toMatch(/NOAUTH/);
  });

  it('gives no more rights than the guide says is enough', async () => {
    const guide = readFileSync('docs/guides/state.md', 'utf8');
    const rights = /ACL SETUSER gateway on >… ([^`]+)`/.exec(guide)?.[1]?.split(' ') ?? [];
    expect(rights).toContain('-@admin');
    const redis = await start();
    await redis.send('ACL', 'SETUSER', 'gateway', 'on', '>secret', ...rights);
    const url = `redis://gateway:secret@127.0.0.1:${redis.port}`;
    const store = await open(url);
    const bus = new RedisBus(parseRedisPlace(url) as RedisPlace, 'a', { interval: 100 });
    undo.push(() => bus.close());
    await bus.open();
    await store.set('a', 1, 60_000);
    await store.increment('b', 1);
    await store.draw('c', 1, { interval: 1, tolerance: 10 });
    expect(await store.take('a')).toBe(1);
    expect(await store.list('b')).toEqual([['b', 1]]);
    await bus.publish('news', 1);
    expect([store.trouble, bus.trouble]).toEqual([undefined, undefined]);
  });

  it('speaks TLS is believed if its certificate is trusted, and not otherwise', async () => {
    const ca = await createDevelopmentCa();
    const { cert, key } = await ca.issue({ ip: ['127.0.0.1'] });
    const folder = mkdtempSync(join(tmpdir(), 'sallyport-redis-tls-'));
    undo.push(async () => rmSync(folder, { recursive: true }));
    const file = (name: string, text: string): string => {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    };
    const files = [file('cert.pem', cert), file('key.pem', key), file('ca.pem', ca.cert)] as const;
    const tlsPort = await freePort();
    await start([
      ...['--tls-port', String(tlsPort), '--tls-auth-clients', 'no'],
      ...['--tls-cert-file', files[0], '--tls-key-file', files[1], '--tls-ca-cert-file', files[2]],
    ]);
    const url = `rediss://127.0.0.1:${tlsPort}`;
    expect((await open(url)).trouble).toMatch(/certificate/);
    const script = join(import.meta.dirname, 'redis-client-process.ts');
    const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', script, url], {
      env: { ...process.env, NODE_EXTRA_CA_CERTS: files[2] },
    });
    expect(stdout).toBe('well');
  });

  it('is not there at the start is found later', async () => {
    const redis = await start();
    await redis.kill();
    const store = await open(redis.url);
    expect(store.trouble).toMatch(/ECONNREFUSED/);
    await redis.start();
    await well(store);
  });
});

describeWith('redis-server', 'a store with sentinels', () => {
  it('goes on with the master that they name, and none of what it said is lost', async () => {
    const sentinel = await startRedisSentinel();
    undo.push(() => sentinel.stop());
    const store = await open(sentinel.url);
    await store.set('a', 1);
    await sentinel.master.send('WAIT', '1', '1000');
    await sentinel.master.kill();
    await ill(store, /./);
    await well(store);
    await store.set('b', 2);
    expect(await store.get('a')).toBe(1);
    expect(await sentinel.replica.send('GET', 'sallyport:b')).toBe('2');
  });
});

describeWith('redis-server', 'a store with a cluster', () => {
  it('says that a part of it is away, and goes on when it is back', async () => {
    const cluster = await startRedisCluster();
    undo.push(() => cluster.stop());
    const store = await open(cluster.url, { timeout: 1_000 });
    const keys = Array.from({ length: 30 }, (_, i) => `${i}`);
    await Promise.all(keys.map((key) => store.set(key, key)));
    await cluster.nodes[1]!.kill();
    await ill(store, /./);
    await cluster.nodes[1]!.start();
    await well(store);
    const values = await Promise.all(keys.map((key) => store.get(key)));
    expect(values.filter((value) => value !== undefined).length).toBeLessThan(30); // that node kept nothing
    await Promise.all(keys.map((key) => store.set(key, key)));
    expect(await store.list('')).toHaveLength(30);
  });
});
