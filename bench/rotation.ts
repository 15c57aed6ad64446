/**
 * `npm run bench:rotation`: what changing a gateway costs those who are connected. 2,000 sockets exchange messages and
 * others come and go, while the certificate is rotated 100 times and the configuration reloaded 100 times, each time to
 * another one. Prints what was dropped, what failed, how long each change took and what became of the heap; exits with
 * 1 if a socket fell, a handshake failed or the heap grew. `--quick` does a tenth of it.
 */
import { randomBytes } from 'node:crypto';
import { appendFileSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { createDevelopmentCa } from '../src/edge/development-ca.ts';
import { parseExposition, total } from '../test/support/exposition.ts';
import { freePort, type Running, sallyport, spawnOn } from './contenders.ts';
import { Load } from './measure.ts';
import { median, privateBytes } from './process.ts';
import { prepareStage } from './stage.ts';

const quick = process.argv.includes('--quick');
const SOCKETS = quick ? 200 : 2_000;
const CHANGES = quick ? 10 : 100;
/** Changes before the first look at the heap: what is made once is not growth. */
const WARM_UP = 10;
/** What the heap may have more after all changes, as a part of what it had. */
const FLAT = 0.05;

const adminToken = randomBytes(24).toString('base64url');
const adminPort = await freePort();
const { child: echo, line } = await spawnOn(1, [process.execPath, '--import', 'tsx', 'bench/echo.ts']);
const upstreamPort = Number(await line);
const ca = await createDevelopmentCa();
const { folder, token } = await prepareStage(upstreamPort, await ca.issue({ dns: ['localhost'] }));
const configuration = join(folder, 'sallyport.yaml');
appendFileSync(configuration, `admin: { address: "127.0.0.1:${adminPort}", token: ${adminToken} }\n`);

const gateway = await sallyport.start({
  folder,
  upstreamPort,
  certificate: { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') },
  bundle: join(folder, 'bundle.pem'),
  core: 0,
});

/** One request to the gateway's admin API. @throws Error with the answer if it is not a good one. */
async function ask(method: string, path: string): Promise<string> {
  const answer = await fetch(`http://127.0.0.1:${adminPort}${path}`, {
    method,
    headers: { authorization: `Bearer ${adminToken}` },
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
  return text;
}

/** Into this file at once. */
function place(file: string, text: string): void {
  writeFileSync(`${file}.new`, text, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

/** The serial number that a new connection is shown. */
function shown(): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { port: gateway.port, servername: 'localhost', ca: ca.cert };
    const socket = connect(options, () => {
      resolve(socket.getPeerCertificate().serialNumber);
      socket.destroy();
    });
    socket.once('error', reject);
  });
}

const times = { rotate: [] as number[], reload: [] as number[] };
const serials = new Set<string>();

/** Another certificate, seen by who comes next. */
async function rotate(): Promise<void> {
  const { cert, key } = await ca.issue({ dns: ['localhost'] });
  place(join(folder, 'key.pem'), key);
  place(join(folder, 'cert.pem'), cert);
  const begun = performance.now();
  await ask('POST', '/certificates/rotate');
  times.rotate.push(performance.now() - begun);
  serials.add(await shown());
}

/** Another configuration, which every session follows. */
async function reload(): Promise<void> {
  const text = readFileSync(configuration, 'utf8');
  const [, rate = ''] = /perSubject: \{ messages: (\d+)\/s/.exec(text) ?? [];
  place(
    configuration,
    text.replace(`${rate}/s }\n      perTenant`, `${Number(rate) - 1}/s }\n      perTenant`),
  );
  const begun = performance.now();
  await ask('POST', '/reload');
  times.reload.push(performance.now() - begun);
}

/** Of the gateway, after a collection, in bytes. */
async function memory(running: Running): Promise<{ heap: number; resident: number }> {
  await running.collect();
  await running.collect();
  return {
    heap: total(await ask('GET', '/metrics'), 'sallyport_heap_used_bytes'),
    resident: privateBytes(running.pid),
  };
}

const target = { port: gateway.port, path: '/chat', headers: { Authorization: `Bearer ${token}` } };
const [talkers, visitors] = [await Load.start(1), await Load.start(1)];
let busy = true;
let [messages, handshakes] = [0, 0];

/** Rejects when a socket is closed. */
async function talk(): Promise<void> {
  while (busy) {
    await talkers.order({ do: 'run', bytes: 64, outstanding: 1, messages: SOCKETS * 2 });
    messages += SOCKETS * 2;
  }
}

/** Rejects when a handshake fails. */
async function visit(): Promise<void> {
  while (busy) {
    await visitors.order({ do: 'churn', ...target, handshakes: 20 });
    handshakes += 20;
  }
}

let failure: unknown;
await talkers.order({ do: 'open', ...target, connections: SOCKETS });
const traffic = Promise.all([talk(), visit()]).catch((error: unknown) => {
  failure = error;
});
for (let i = 0; i < WARM_UP; i++) await Promise.resolve().then(rotate).then(reload);
const before = await memory(gateway);
times.rotate = [];
times.reload = [];
serials.clear();
for (let i = 0; i < CHANGES && !failure; i++) {
  await rotate();
  await reload();
}
const after = await memory(gateway);
busy = false;
await traffic;
const metrics = await ask('GET', '/metrics');
const open = total(metrics, 'sallyport_connections');
const generation = total(metrics, 'sallyport_configuration_generation');
const refused = [...(parseExposition(metrics).get('sallyport_handshakes_total')?.series ?? [])]
  .filter(({ labels }) => labels.outcome !== 'accepted')
  .reduce((sum, { value }) => sum + value, total(metrics, 'sallyport_tls_failures_total'));

talkers.stop();
visitors.stop();
await gateway.stop();
echo.kill('SIGKILL');
rmSync(folder, { recursive: true });

const MiB = 1_048_576;
const ms = (values: readonly number[]): string =>
  `${median(values).toFixed(0)} ms (at most ${Math.max(...values).toFixed(0)} ms)`;
const grown = (from: number, to: number): string =>
  `${(from / MiB).toFixed(1)} → ${(to / MiB).toFixed(1)} MiB`;

console.log(`${CHANGES} rotations and ${CHANGES} reloads under ${SOCKETS} open sockets, Node ${process.versions.node}:

| | |
|---|---|
| messages that came back meanwhile | ${messages.toLocaleString('en')} |
| sockets that fell | ${SOCKETS - open} |
| handshakes meanwhile | ${handshakes.toLocaleString('en')} |
| handshakes that failed | ${refused} |
| certificates that a new connection was shown | ${serials.size} |
| configurations in service, one after another | ${generation - 1 - WARM_UP} |
| a rotation takes | ${ms(times.rotate)} |
| a reload takes | ${ms(times.reload)} |
| heap, after a collection | ${grown(before.heap, after.heap)} |
| resident memory of its own | ${grown(before.resident, after.resident)} |
`);

if (failure) console.error(`bench: ${failure}`);
const flat = after.heap <= before.heap * (1 + FLAT);
if (!flat) console.error(`bench: the heap grew by more than ${FLAT * 100} %`);
process.exitCode = failure || open !== SOCKETS || refused > 0 || serials.size !== CHANGES || !flat ? 1 : 0;
