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
  readonly nodes: readonly Redis[];
  readonly url: string;
  stop(): Promise<void>;
}

/** Three masters, each with a third of the keys. */
export async function startRedisCluster(): Promise<RedisCluster> {
  const nodes: Redis[] = [];
  for (let i = 0; i < 3; i++) {
    const bus = String(await freePort());
    nodes.push(
      await startRedis(['--cluster-enabled', 'yes', '--cluster-port', bus, '--cluster-node-timeout', '2000']),
    );
  }
  const [first] = nodes as [Redis, ...Redis[]];
  for (const [i, node] of nodes.entries()) {
    const range = [Math.ceil((16_384 / 3) * i), Math.ceil((16_384 / 3) * (i + 1)) - 1].map(String);
    await node.send('CLUSTER', 'ADDSLOTSRANGE', ...range);
    await node.send('CONFIG', 'SET', 'cluster-require-full-coverage', 'yes');
    const bus = ((await node.send('CONFIG', 'GET', 'cluster-port')) as Record<string, string>)[
      'cluster-port'
    ];
    await first.send('CLUSTER', 'MEET', '127.0.0.1', String(node.port), String(bus));
  }
  for (const node of nodes) {
    for (;;) {
      const info = String(await node.send('CLUSTER', 'INFO'));
      if (info.includes('cluster_state:ok') && info.includes('cluster_known_nodes:3')) break;
      await pause(50);
    }
  }
  return {
    nodes,
    url: `redis+cluster://${nodes.map(({ port }) => `127.0.0.1:${port}`).join(',')}`,
    async stop() {
      for (const node of nodes) await node.stop();
    },
  };
}

export interface RedisSentinel {
  readonly master: Redis;
  readonly replica: Redis;
  readonly url: string;
  stop(): Promise<void>;
}

/** A master, its replica, and a sentinel that takes the replica when the master has been silent for a second. */
export async function startRedisSentinel(): Promise<RedisSentinel> {
  const master = await startRedis();
  const replica = await startRedis(['--replicaof', '127.0.0.1', String(master.port)]);
  while (!String(await replica.send('INFO', 'replication')).includes('master_link_status:up'))
    await pause(50);
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-sentinel-'));
  const file = join(folder, 'sentinel.conf');
  const lines = [
    `sentinel monitor main 127.0.0.1 ${master.port} 1`,
    'sentinel down-after-milliseconds main 1000',
    'sentinel failover-timeout main 5000',
  ];
  writeFileSync(file, lines.join('\n'));
  const sentinel = await startRedis([], [file, '--sentinel']);
  while (!String(await sentinel.send('INFO', 'sentinel')).includes('slaves=1')) await pause(50);
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
