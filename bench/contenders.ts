import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** What every contender is given: where to send, what to show, and the one core to do it on. */
export interface Stage {
  readonly folder: string;
  readonly upstreamPort: number;
  readonly certificate: { readonly cert: string; readonly key: string };
  /** Both in one file, as HAProxy wants it. */
  readonly bundle: string;
  readonly core: number;
}

export interface Contender {
  readonly name: string;
  /** Programs without which it cannot run. */
  readonly needs: readonly string[];
  start(stage: Stage): Promise<Running>;
}

export interface Running {
  readonly pid: number;
  readonly port: number;
  /** Collects garbage, where there is any. */
  collect(): Promise<void>;
  stop(): Promise<void>;
}

export function installed(program: string): boolean {
  return spawnSync('sh', ['-c', `PATH="$PATH:/usr/sbin" command -v ${program}`]).status === 0;
}

const pin = (core: number): string[] => ['taskset', '-c', String(core)];

/** Starts a program on a core and resolves with the first line that it prints, if it is one that prints its port. */
export async function spawnOn(
  core: number,
  command: readonly string[],
  ipc = false,
): Promise<{ child: ChildProcess; line: Promise<string> }> {
  const [program = '', ...args] = [...pin(core), ...command];
  // The tsconfig at the root leads `sallyport` to its sources; what is measured is what is shipped.
  const env = {
    ...process.env,
    PATH: `${process.env.PATH}:/usr/sbin`,
    TSX_TSCONFIG_PATH: 'examples/tsconfig.json',
  };
  const child = spawn(program, args, {
    stdio: ['pipe', 'pipe', 'inherit', ...(ipc ? (['ipc'] as const) : [])],
    env,
  });
  const lines = createInterface({ input: child.stdout! });
  const line = new Promise<string>((resolve, reject) => {
    lines.once('line', resolve);
    child.once('exit', (code) => reject(new Error(`${command[0]} ended with ${code} before it was ready`)));
  });
  line.catch(() => {});
  return { child, line };
}

function stopper(child: ChildProcess): () => Promise<void> {
  return () =>
    new Promise((resolve) => {
      if (child.exitCode !== null) return resolve();
      child.once('exit', () => resolve());
      child.kill('SIGKILL');
    });
}

/** A port that nobody listens on at the moment. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function reachable(port: number): Promise<void> {
  const { connect } = await import('node:net');
  for (let attempt = 0; attempt < 100; attempt++) {
    const ok = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1');
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
      socket.once('connect', () => socket.destroy());
    });
    if (ok) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`nothing listens on port ${port}`);
}

/** A Node program that prints its port and collects garbage when it is sent a message. */
async function nodeProgram(stage: Stage, args: readonly string[]): Promise<Running> {
  const command = [process.execPath, '--expose-gc', '--import', 'tsx', ...args];
  const { child, line } = await spawnOn(stage.core, command, true);
  const port = Number(await line);
  return {
    pid: child.pid!,
    port,
    stop: stopper(child),
    async collect() {
      // The first collection leaves pages that are nearly empty; the second moves what is in them.
      for (let times = 0; times < 2; times++) {
        const collected = once(child, 'message');
        child.send('collect');
        await collected;
      }
    },
  };
}

const NGINX = (port: number, stage: Stage): string => `
daemon off; master_process off; pid ${stage.folder}/nginx.pid; error_log stderr crit;
events { worker_connections 20000; }
http {
  access_log off;
  client_body_temp_path ${stage.folder}; proxy_temp_path ${stage.folder}; fastcgi_temp_path ${stage.folder};
  uwsgi_temp_path ${stage.folder}; scgi_temp_path ${stage.folder};
  server {
    listen 127.0.0.1:${port} ssl;
    ssl_certificate ${stage.certificate.cert}; ssl_certificate_key ${stage.certificate.key};
    ssl_protocols TLSv1.2 TLSv1.3;
    location / {
      proxy_pass http://127.0.0.1:${stage.upstreamPort};
      proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade;
      proxy_read_timeout 1h;
    }
  }
}
`;

const HAPROXY = (port: number, stage: Stage): string => `
global
  nbthread 1
  maxconn 8000
defaults
  mode http
  timeout connect 5s
  timeout client 1h
  timeout server 1h
  timeout tunnel 1h
frontend in
  bind 127.0.0.1:${port} ssl crt ${stage.bundle}
  default_backend out
backend out
  server echo 127.0.0.1:${stage.upstreamPort}
`;

async function daemon(stage: Stage, port: number, command: readonly string[]): Promise<Running> {
  const { child } = await spawnOn(stage.core, command);
  await reachable(port);
  return { pid: child.pid!, port, stop: stopper(child), collect: async () => {} };
}

export const nginx: Contender = {
  name: 'nginx, blind tunnel',
  needs: ['nginx'],
  async start(stage) {
    const port = await freePort();
    const file = join(stage.folder, 'nginx.conf');
    mkdirSync(join(stage.folder, 'logs'), { recursive: true });
    writeFileSync(file, NGINX(port, stage));
    return daemon(stage, port, ['nginx', '-p', stage.folder, '-c', file]);
  },
};

export const haproxy: Contender = {
  name: 'HAProxy, blind tunnel',
  needs: ['haproxy'],
  async start(stage) {
    const port = await freePort();
    const file = join(stage.folder, 'haproxy.cfg');
    writeFileSync(file, HAPROXY(port, stage));
    return daemon(stage, port, ['haproxy', '-db', '-f', file]);
  },
};

export const wsPipe: Contender = {
  name: '`ws` piped to `ws`, no checks',
  needs: [],
  start: (stage) =>
    nodeProgram(stage, [
      'bench/ws-pipe.ts',
      String(stage.upstreamPort),
      stage.certificate.cert,
      stage.certificate.key,
    ]),
};

/** A blind tunnel in a few lines of Node: what a gateway in Node cannot be cheaper than. */
export const nodeTunnel: Contender = {
  name: 'Node, blind tunnel',
  needs: [],
  start: (stage) =>
    nodeProgram(stage, [
      'bench/node-tunnel.ts',
      String(stage.upstreamPort),
      stage.certificate.cert,
      stage.certificate.key,
    ]),
};

/** Sallyport with JWT identity, AsyncAPI schema, CEL authorization and four limits on every client message. */
export const sallyport: Contender = {
  name: 'Sallyport, every message checked',
  needs: [],
  start: (stage) => nodeProgram(stage, ['bench/gateway.ts', join(stage.folder, 'sallyport.yaml')]),
};

/** Sallyport as a relay that reads frames and nothing more. */
export const sallyportRaw: Contender = {
  name: 'Sallyport, frames only',
  needs: [],
  start: (stage) => nodeProgram(stage, ['bench/gateway.ts', join(stage.folder, 'sallyport-raw.yaml')]),
};
