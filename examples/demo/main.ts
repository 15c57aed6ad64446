/**
 * `npm start`: a chat backend that knows nothing of security is put behind the gateway. A script shows what is let
 * through and what is refused; then everything stays up until Ctrl-C. `--once` stops after the script and exits with 1
 * if any line of it was not as it should be. `--port N` picks another port than 8443, `--admin-port N` another than 9900.
 */
import { randomBytes } from 'node:crypto';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createDevelopmentCa, createGateway, type DevelopmentCa, type Gateway } from 'sallyport';
import { type RunningBackend, startBackend } from './backend.ts';
import { chatPages } from './pages.ts';
import { type RunningProvider, startProvider } from './provider.ts';
import { playScenes, type Stage } from './script.ts';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const FOLDER = join(process.cwd(), '.sallyport', 'demo');

const { values: options } = parseArgs({
  options: {
    once: { type: 'boolean', default: false },
    port: { type: 'string', default: '8443' },
    'admin-port': { type: 'string', default: '9900' },
  },
});

const adminToken = randomBytes(24).toString('base64url');

interface Demo {
  readonly gateway: Gateway;
  readonly provider: RunningProvider;
  readonly backend: RunningBackend;
  readonly ca: DevelopmentCa;
}

async function start(): Promise<Demo> {
  const [ca, provider, backend] = await Promise.all([createDevelopmentCa(), startProvider(), startBackend()]);
  mkdirSync(FOLDER, { recursive: true, mode: 0o700 });
  writeFileSync(join(FOLDER, 'ca.pem'), ca.cert);
  await writeCertificate(ca);
  Object.assign(process.env, {
    DEMO_PORT: options.port,
    DEMO_ADMIN_PORT: options['admin-port'],
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
  return { gateway, provider, backend, ca };
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
  const { port } = demo.gateway.address('public');
  return {
    provider: demo.provider,
    backend: demo.backend,
    visit: {
      url: `wss://localhost:${port}/chat`,
      ca: demo.ca.cert,
      origin: `https://localhost:${options.port}`,
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

function whereToLook({ gateway }: Demo): string {
  const { port } = gateway.address('public');
  const adminUrl = `http://127.0.0.1:${gateway.adminAddress!.port}`;
  return [
    '',
    `  Chat page   https://localhost:${port}/   (your browser does not know the development CA: ${FOLDER}/ca.pem)`,
    `  Admin API   ${adminUrl}/openapi.json`,
    `  Metrics     curl -H 'Authorization: Bearer ${adminToken}' ${adminUrl}/metrics`,
    `  Log         ${FOLDER}/gateway.log`,
    '',
    '  Ctrl-C drains and stops.',
    '',
  ].join('\n');
}

/** Whatever keeps the demonstration from starting, in one line. */
function explain(error: unknown): string {
  const { code, path, port, message } = error as NodeJS.ErrnoException & { port?: number };
  if (code === 'EADDRINUSE')
    return `port ${port} is in use: stop what listens there, or say --port N (--admin-port N)`;
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS')
    return `no permission to write ${path ?? FOLDER}`;
  return message;
}

async function main(): Promise<number> {
  const demo = await start();
  console.log(
    `\n  Sallyport stands at wss://localhost:${demo.gateway.address('public').port}, before a chat that checks nothing.\n`,
  );
  const wrong = await playScenes(stageOf(demo));
  if (wrong > 0) console.log(`\n  ${wrong} of the lines above are not as they should be.`);
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

try {
  // Not left to the event loop: the fetches of the script keep their connections for some seconds.
  process.exit(await main());
} catch (error) {
  console.error(`sallyport: ${explain(error)}`);
  process.exit(1);
}
