import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { createClient } from '@redis/client';

/** A real server, on loopback. */
export interface Redis {
  readonly port: number;
  readonly url: string;
  /** Sends a command on a connection of its own. */
  send(...words: string[]): Promise<unknown>;
  /** SIGSTOP: it is there, and does not answer. */
  freeze(): void;
  thaw(): void;
  /** SIGKILL, with whatever it had in memory. */
  kill(): Promise<void>;
  /** Starts it again if it was killed, with what it has on its disk: nothing, if it did not save. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Ends those of a test that never ended. */
const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** A port that nobody has, and a moment later perhaps somebody: `startRedis` tries another one then. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

/** Starts a server with these options, in a folder of its own. */
export async function startRedis(
  options: readonly string[] = [],
  mode: readonly string[] = [],
): Promise<Redis> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await startAt(await freePort(), options, mode);
    } catch (error) {
      if (attempt >= 3) throw error;
    }
  }
}

async function startAt(port: number, options: readonly string[], mode: readonly string[]): Promise<Redis> {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-redis-'));
  let child: ChildProcess | undefined;
  const redis: Redis = {
    port,
    url: `redis://127.0.0.1:${port}`,
    async send(...words) {
      const client = createClient({
        socket: { host: '127.0.0.1', port, reconnectStrategy: false, connectTimeout: 2_000 },
      });
      client.on('error', () => {});
      await client.connect();
      try {
        return await client.sendCommand(words);
      } finally {
        client.destroy();
      }
    },
    freeze: () => void child?.kill('SIGSTOP'),
    thaw: () => void child?.kill('SIGCONT'),
    async kill() {
      if (!child || child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
      running.delete(child);
    },
    async start() {
      if (child && child.exitCode === null && child.signalCode === null) return;
      const common = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder];
      const quiet = ['--save', '', '--appendonly', 'no', '--daemonize', 'no'];
      const all = [...mode, ...common, ...(mode.length === 0 ? quiet : []), ...options];
      child = spawn('redis-server', all, { stdio: 'ignore' });
      running.add(child);
      await answering(redis, child);
    },
    async stop() {
      await redis.kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  try {
    await redis.start();
  } catch (error) {
    await redis.stop();
    throw error;
  }
  return redis;
}

async function answering(redis: Redis, child: ChildProcess): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`redis-server ended with ${child.exitCode}`);
    const answer = await redis.send('PING').catch(({ message }: Error) => message);
    if (answer === 'PONG' || String(answer).startsWith('NOAUTH')) return;
    await pause(20);
  }
}

export interface RedisCluster {
  /** The masters, each with a third of the keys. */
  readonly nodes: readonly Redis[];
  /** One of each master, in the same order, where there are any. They take over when they are told to, and not by themselves. */
  readonly replicas: readonly Redis[];
  readonly url: string;
  stop(): Promise<void>;
}

/** Three masters, and as many replicas if they are wanted. */
export async function startRedisCluster({ replicas: wanted = false } = {}): Promise<RedisCluster> {
  const nodes = await startMembers(3);
  const replicas = wanted ? await startMembers(3) : [];
  const all = [...nodes, ...replicas];
  for (const [i, node] of nodes.entries()) {
    const range = [Math.ceil((16_384 / 3) * i), Math.ceil((16_384 / 3) * (i + 1)) - 1].map(String);
    await node.send('CLUSTER', 'ADDSLOTSRANGE', ...range);
  }
  for (const node of all) await meet(nodes[0]!, node);
  await untilAll(all, 'CLUSTER INFO', new RegExp(`cluster_known_nodes:${all.length}`));
  for (const [i, replica] of replicas.entries()) {
    const master = String(await nodes[i]!.send('CLUSTER', 'MYID'));
    await untilAll([replica], 'CLUSTER NODES', new RegExp(master));
    await replica.send('CLUSTER', 'REPLICATE', master);
  }
  await untilAll(replicas, 'INFO replication', /master_link_status:up/);
  await untilAll(all, 'CLUSTER INFO', /cluster_state:ok/);
  return {
    nodes,
    replicas,
    url: `redis+cluster://${nodes.map(({ port }) => `127.0.0.1:${port}`).join(',')}`,
    async stop() {
      for (const node of all) await node.stop();
    },
  };
}

async function startMembers(count: number): Promise<Redis[]> {
  const options = ['--cluster-node-timeout', '2000', '--cluster-replica-no-failover', 'yes'];
  const members: Redis[] = [];
  for (let i = 0; i < count; i++) {
    const bus = String(await freePort());
    const more = ['--cluster-enabled', 'yes', '--cluster-port', bus, '--repl-diskless-sync-delay', '0'];
    members.push(await startRedis([...more, ...options]));
  }
  return members;
}

async function meet(first: Redis, node: Redis): Promise<void> {
  const found = (await node.send('CONFIG', 'GET', 'cluster-port')) as Record<string, string>;
  await first.send('CLUSTER', 'MEET', '127.0.0.1', String(node.port), String(found['cluster-port']));
}

/** Waits until each of them answers so. */
export async function untilAll(nodes: readonly Redis[], command: string, answer: RegExp): Promise<void> {
  for (const node of nodes)
    while (!answer.test(String(await node.send(...command.split(' '))))) await pause(50);
}

/** A server, and another that has all that it has. */
export async function startRedisPair(): Promise<{ readonly master: Redis; readonly replica: Redis }> {
  const master = await startRedis(['--repl-diskless-sync-delay', '0']);
  const replica = await startRedis(['--replicaof', '127.0.0.1', String(master.port)]);
  await untilAll([replica], 'INFO replication', /master_link_status:up/);
  return { master, replica };
}

export interface RedisSentinel {
  readonly master: Redis;
  readonly replica: Redis;
  readonly url: string;
  stop(): Promise<void>;
}

/** A master, its replica, and a sentinel that takes the replica when the master has been silent for a second. */
export async function startRedisSentinel(): Promise<RedisSentinel> {
  const { master, replica } = await startRedisPair();
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-sentinel-'));
  const file = join(folder, 'sentinel.conf');
  const lines = [
    `sentinel monitor main 127.0.0.1 ${master.port} 1`,
    'sentinel down-after-milliseconds main 1000',
    'sentinel failover-timeout main 5000',
  ];
  writeFileSync(file, lines.join('\n'));
  const sentinel = await startRedis([], [file, '--sentinel']);
  await untilAll([sentinel], 'INFO sentinel', /slaves=1/);
  return {
    master,
    replica,
    url: `redis+sentinel://127.0.0.1:${sentinel.port}?name=main`,
    async stop() {
      for (const each of [sentinel, replica, master]) await each.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
