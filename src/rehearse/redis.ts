import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { guardChild } from './child.ts';

/** How long it may take to answer, in milliseconds. */
const PATIENCE = 10_000;

/** A Redis server that remembers nothing over its end. */
export interface Redis {
  readonly url: string;
  start(): Promise<void>;
  /** SIGKILL. */
  kill(): Promise<void>;
}

/** @throws Error that says so where `redis-server` is not installed. */
export async function startRedis(folder: string): Promise<Redis> {
  const port = await freePort();
  let child: ChildProcess | undefined;
  const redis: Redis = {
    url: `redis://127.0.0.1:${port}`,
    async start() {
      const at = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder];
      child = spawn('redis-server', [...at, '--save', '', '--appendonly', 'no'], { stdio: 'ignore' });
      guardChild(child);
      const failed = once(child, 'error').then(([error]: NodeJS.ErrnoException[]) => {
        throw new Error(
          error?.code === 'ENOENT'
            ? 'this rehearsal needs redis-server, which is not installed (Debian: apt-get install redis-server)'
            : `redis-server: ${error?.message}`,
        );
      });
      failed.catch(() => {});
      await Promise.race([answering(port), failed]);
    },
    async kill() {
      if (!child || child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    },
  };
  await redis.start();
  return redis;
}

async function answering(port: number): Promise<void> {
  for (const begun = Date.now(); Date.now() - begun < PATIENCE; await pause(20)) {
    if (await pings(port)) return;
  }
  throw new Error(`redis-server did not answer in ${PATIENCE / 1_000} s`);
}

function pings(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
    socket.once('data', (data) => {
      socket.destroy();
      resolve(data.toString().startsWith('+PONG'));
    });
    socket.once('error', () => resolve(false));
  });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
