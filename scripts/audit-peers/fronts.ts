import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** What a front is given. */
export interface Stage {
  readonly folder: string;
  /** What clients call it; `localhost` does as well. */
  readonly host: string;
  /** PEM files: certificate, key, and both in one. */
  readonly cert: string;
  readonly key: string;
  readonly both: string;
  readonly upstreamPort: number;
  readonly port: number;
}

/** Something that ends TLS in front of a WebSocket server, configured as its manual shows it. */
export interface Front {
  readonly name: string;
  readonly program: string;
  /** Made to be bad: only its TLS is looked at. */
  readonly tlsOnly?: true;
  /** The command; files it needs are written into the folder. */
  readonly command: (stage: Stage) => readonly string[];
}

const NGINX = (s: Stage, tls = ''): string => `
daemon off; master_process off; pid ${s.folder}/nginx.pid; error_log ${s.folder}/error.log;
events { worker_connections 4000; }
http {
  access_log off; client_body_temp_path ${s.folder}; proxy_temp_path ${s.folder}; fastcgi_temp_path ${s.folder};
  uwsgi_temp_path ${s.folder}; scgi_temp_path ${s.folder};
  map $http_upgrade $connection_upgrade { default upgrade; '' close; }
  server {
    listen 127.0.0.1:${s.port} ssl; ssl_certificate ${s.cert}; ssl_certificate_key ${s.key}; ${tls}
    location / {
      proxy_pass http://127.0.0.1:${s.upstreamPort}; proxy_http_version 1.1;
      proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $connection_upgrade;
    }
  }
}`;

const HAPROXY = (s: Stage): string => `
defaults
  mode http
  timeout connect 5s
  timeout client 50s
  timeout server 50s
  timeout tunnel 1h
frontend public
  bind 127.0.0.1:${s.port} ssl crt ${s.both}
  default_backend server
backend server
  server one 127.0.0.1:${s.upstreamPort}
`;

const STUNNEL = (s: Stage): string => `
foreground = yes
pid =
debug = 3
[public]
accept = 127.0.0.1:${s.port}
connect = 127.0.0.1:${s.upstreamPort}
cert = ${s.cert}
key = ${s.key}
`;

const CADDY = (s: Stage): string => `{
  admin off
  auto_https off
}
https://${s.host}:${s.port}, https://localhost:${s.port} {
  bind 127.0.0.1
  tls ${s.cert} ${s.key}
  reverse_proxy 127.0.0.1:${s.upstreamPort}
}
`;

const SALLYPORT = (s: Stage): string => `
listeners:
  public:
    address: 127.0.0.1:${s.port}
    tls: { certificates: [{ cert: ${s.cert}, key: ${s.key} }] }
identities: { visitors: { anonymous: {} } }
routes:
  - name: live
    match: { path: /live }
    origins: [https://app.example.com]
    identify: [visitors]
    upstream: { url: ws://127.0.0.1:${s.upstreamPort} }
`;

const OLD_TLS =
  'ssl_protocols SSLv3 TLSv1 TLSv1.1 TLSv1.2 TLSv1.3; ssl_ciphers ALL:COMPLEMENTOFALL:@SECLEVEL=0;';

export const FRONTS: readonly Front[] = [
  {
    name: 'Sallyport',
    program: 'node',
    command: (s) => ['npx', 'tsx', 'src/cli/main.ts', 'serve', written(s, SALLYPORT)],
  },
  { name: 'nginx', program: 'nginx', command: (s) => ['nginx', '-p', s.folder, '-c', written(s, NGINX)] },
  {
    name: 'nginx with old TLS',
    program: 'nginx',
    tlsOnly: true,
    command: (s) => ['nginx', '-p', s.folder, '-c', written(s, (each) => NGINX(each, OLD_TLS))],
  },
  {
    name: 'HAProxy',
    program: 'haproxy',
    command: (s) => ['haproxy', '-q', '-db', '-f', written(s, HAPROXY)],
  },
  { name: 'stunnel', program: 'stunnel', command: (s) => ['stunnel', written(s, STUNNEL)] },
  {
    name: 'Caddy',
    program: 'caddy',
    command: (s) => ['caddy', 'run', '--adapter', 'caddyfile', '--config', written(s, CADDY)],
  },
];

function written(stage: Stage, text: (stage: Stage) => string): string {
  const file = join(stage.folder, 'configuration');
  writeFileSync(file, text(stage));
  return file;
}

const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` };

/** Whether a program is on this machine. */
export function isInstalled(program: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${program}`], { env }).status === 0;
}

/** What a program says of its version, in its first line that has one. */
export function versionOf(program: string): string {
  const { stdout, stderr } = spawnSync(
    program,
    [{ nginx: '-v', haproxy: '-v', caddy: 'version' }[program] ?? '-version'],
    { env },
  );
  return /\d+\.\d+(\.\d+)?/.exec(`${stdout}${stderr}`)?.[0] ?? '';
}

/** Starts a program and waits until its port is listened on. */
export async function launch(command: readonly string[], port: number): Promise<ChildProcess> {
  const [program = '', ...args] = command;
  const child = spawn(program, args, { env, stdio: ['ignore', 'ignore', 'ignore'], detached: true });
  for (let attempt = 0; attempt < 300; attempt++) {
    if (await isListening(port)) return child;
    await sleep(100);
  }
  end(child);
  throw new Error(`${command.join(' ')} does not listen`);
}

/** Ends a program, and whatever it started. */
export function end(child: ChildProcess): void {
  if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGTERM');
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket
      .once('error', () => resolve(false))
      .once('connect', () => {
        socket.destroy();
        resolve(true);
      });
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
