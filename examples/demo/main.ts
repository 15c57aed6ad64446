/**
 * `npm start`: a chat backend that knows nothing of security is put behind the gateway. A script shows what is let
 * through and what is refused; then everything stays up until Ctrl-C. `--once` stops after the script and exits with 1
 * if any line of it was not as it should be. `--port N` picks another port than 8443, `--admin-port N` another than 9900
 * (0: any that is free), `--folder PATH` another place for certificates and log than .sallyport/demo.
 */
import { randomBytes } from 'node:crypto';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, styleText } from 'node:util';
import { createDevelopmentCa, createGateway, type DevelopmentCa, type Gateway } from 'sallyport';
import { type RunningBackend, startBackend } from './backend.ts';
import { chatPages } from './pages.ts';
import { type RunningProvider, startProvider } from './provider.ts';
import { type Paint, playActs, type Stage } from './script.ts';

const HERE = fileURLToPath(new URL('.', import.meta.url));

const options = readOptions();
const FOLDER = resolve(options.folder);
const adminToken = randomBytes(24).toString('base64url');

interface Demo {
  readonly port: number;
  readonly gateway: Gateway;
  readonly provider: RunningProvider;
  readonly backend: RunningBackend;
  readonly ca: DevelopmentCa;
}

function readOptions() {
  try {
    return parseArgs({
      options: {
        once: { type: 'boolean', default: false },
        port: { type: 'string', default: '8443' },
        'admin-port': { type: 'string', default: '9900' },
        folder: { type: 'string', default: join('.sallyport', 'demo') },
      },
    }).values;
  } catch (error) {
    return fail(error instanceof Error ? error.message.split('. ', 1)[0]! : String(error));
  }
}

/** A port number as given; for 0 one that is free, because the origin of the chat page must name it. */
async function portOf(name: 'port' | 'admin-port'): Promise<number> {
  const port = Number(options[name]);
  if (!Number.isInteger(port) || port < 0 || port > 65_535 || options[name] === '') {
    return fail(`--${name} wants a number from 0 to 65535`);
  }
  if (port !== 0) return port;
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((listening) => server.once('listening', listening));
  const { port: free } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return free;
}

async function start(): Promise<Demo> {
  const [port, adminPort] = [await portOf('port'), await portOf('admin-port')];
  const [ca, provider, backend] = await Promise.all([createDevelopmentCa(), startProvider(), startBackend()]);
  mkdirSync(FOLDER, { recursive: true, mode: 0o700 });
  writeFileSync(join(FOLDER, 'ca.pem'), ca.cert);
  await writeCertificate(ca);
  Object.assign(process.env, {
    DEMO_PORT: String(port),
    DEMO_ADMIN_PORT: String(adminPort),
    DEMO_ADMIN_TOKEN: adminToken,
    DEMO_FOLDER: FOLDER,
    DEMO_ISSUER: provider.issuer,
    DEMO_BACKEND: backend.url,
  });
  const gateway = await createGateway(join(HERE, 'sallyport.yaml'), {
    pages: chatPages(provider),
    record: { destination: join(FOLDER, 'gateway.log') },
  });
  await gateway.listen();
  return { port, gateway, provider, backend, ca };
}

/** Key first, so that the watcher never sees a certificate without its key; each by rename, so it never sees half a file. */
async function writeCertificate(ca: DevelopmentCa): Promise<void> {
  const { cert, key } = await ca.issue({ dns: ['localhost'], ip: ['127.0.0.1', '::1'] });
  for (const [name, text] of [
    ['key.pem', key],
    ['cert.pem', cert],
  ] as const) {
    const file = join(FOLDER, name);
    writeFileSync(`${file}.new`, text, { mode: 0o600 });
    renameSync(`${file}.new`, file);
  }
}

/** One request to the admin API, as an operator's script would make it. */
async function admin(demo: Demo, method: string, path: string, body?: object): Promise<void> {
  const { port } = demo.gateway.adminAddress!;
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
    method,
    headers: { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  });
  if (!answer.ok) throw new Error(`the admin API answered ${answer.status} to ${method} ${path}`);
}

function stageOf(demo: Demo): Stage {
  const { port } = demo;
  return {
    provider: demo.provider,
    backend: demo.backend,
    visit: {
      url: `wss://localhost:${port}/chat`,
      ca: demo.ca.cert,
      origin: `https://localhost:${port}`,
    },
    revoke: (subject) => admin(demo, 'POST', '/revocations', { by: 'subject', value: subject }),
    async renewCertificate() {
      await writeCertificate(demo.ca);
      await admin(demo, 'POST', '/certificates/rotate');
    },
  };
}

async function stop({ gateway, provider, backend }: Demo): Promise<void> {
  await gateway.drain({ window: 2_000 });
  await gateway.close();
  await Promise.all([provider.stop(), backend.stop()]);
}

/** Colours are for terminals, unless `NO_COLOR` is set (no-color.org) or `TERM` is `dumb`. */
const coloured = process.stdout.isTTY && !process.env.NO_COLOR && process.env.TERM !== 'dumb';
const paint: Paint = (colour, text) => (coloured ? styleText(colour, text) : text);

function whereToLook({ port, gateway }: Demo): string {
  const adminUrl = `http://127.0.0.1:${gateway.adminAddress!.port}`;
  const curl = `curl -H 'Authorization: Bearer ${adminToken}'`;
  const near = relative('', FOLDER);
  const folder = near.startsWith('..') ? FOLDER : near;
  return [
    '',
    `  ${paint('bold', 'Where to look')}`,
    `  Chat page   https://localhost:${port}/`,
    `              your browser does not know the development CA: ${folder}/ca.pem`,
    `  Sessions    ${curl} ${adminUrl}/sessions`,
    `  Metrics     ${curl} ${adminUrl}/metrics`,
    `  Admin API   ${curl} ${adminUrl}/openapi.json`,
    `  Log         ${folder}/gateway.log`,
    '',
    '  Ctrl-C drains and stops.',
    '',
  ].join('\n');
}

/** Whatever keeps the demonstration from starting, in one line. */
function explain(error: unknown): string {
  const { code, path, message } = error as NodeJS.ErrnoException;
  const [, busy] = /port (\d+) is in use/.exec(message) ?? [];
  if (busy) return `port ${busy} is in use: stop what listens there, or say --port N (--admin-port N)`;
  if (path === undefined) return message.split('\n', 1)[0]!;
  const denied = code === 'EACCES' || code === 'EPERM' || code === 'EROFS';
  return `cannot write ${path}: ${denied ? 'no permission' : code}; --folder PATH picks another place`;
}

/** One clear line, and out. */
function fail(line: string): never {
  console.error(`sallyport: ${line}`);
  process.exit(1);
}

async function main(): Promise<number> {
  const demo = await start();
  console.log(`\n  Sallyport stands at wss://localhost:${demo.port}, before a chat that checks nothing.`);
  const { played, wrong } = await playActs(stageOf(demo), paint);
  console.log(
    wrong === 0
      ? `\n  All ${played} as they should be.`
      : paint('red', `\n  ${wrong} of ${played} not as they should be.`),
  );
  if (!options.once) {
    console.log(whereToLook(demo));
    await new Promise<void>((resolve) => {
      process.once('SIGINT', () => resolve()).once('SIGTERM', () => resolve());
    });
    console.log('\n  draining …');
  }
  await stop(demo);
  return wrong > 0 ? 1 : 0;
}

// A reader that has seen enough (`| head`) is no fault of ours.
process.stdout.on('error', () => process.exit(0));

try {
  // Not left to the event loop: the fetches of the script keep their connections for some seconds.
  process.exit(await main());
} catch (error) {
  fail(explain(error));
}
