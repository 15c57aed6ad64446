/**
 * Audits what is in Debian and npm: nginx, HAProxy, stunnel and Caddy in front of `ws`, `faye-websocket` and a plain
 * server, and Sallyport beside them; compares the part of TLS with sslscan; and writes the tables of docs/audit.md.
 * Run by `npm run audit:peers`. What is not installed is left out.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type Allowance, Budget, DEFAULT_ALLOWANCE } from '../src/audit/budget.ts';
import { DEFAULT_PATIENCE } from '../src/audit/reach.ts';
import { type AuditReport, audit } from '../src/audit/run.ts';
import { resolveTarget } from '../src/audit/target.ts';
import { createDevelopmentCa } from '../src/edge/development-ca.ts';
import { compareTls } from './audit-peers/compare.ts';
import { end, FRONTS, type Front, freePort, isInstalled, launch, type Stage } from './audit-peers/fronts.ts';
import { type Row, writeTables } from './audit-peers/tables.ts';

const PAGE = 'docs/audit.md';
const BACKENDS = ['ws', 'faye-websocket', 'plain'];
/** Loopback: what is low for production would be slow here. */
const ALLOWANCE: Allowance = { ...DEFAULT_ALLOWANCE, rate: 19, seconds: 110 };
/** Pairs of a front and a backend at once. */
const AT_ONCE = 3;

const ca = await createDevelopmentCa();
/** Other than `localhost`, it is a name that browsers are told things of. */
const HOST = 'ws.example.test';
const pair = await ca.issue({ dns: [HOST, 'localhost'] });
const rows: Row[] = [];
const pairs = FRONTS.filter(({ program }) => isInstalled(program)).flatMap((front) =>
  BACKENDS.slice(0, front.tlsOnly ? 1 : undefined).map((backend) => [front, backend] as const),
);
const work = async (): Promise<void> => {
  for (let next = pairs.shift(); next; next = pairs.shift()) rows.push(await auditPair(...next));
};
await Promise.all(Array.from({ length: AT_ONCE }, work));
rows.sort((a, b) => orderOf(a) - orderOf(b));
writeFileSync(PAGE, writeTables(readFileSync(PAGE, 'utf8'), rows));
process.exit();

function orderOf({ front, backend }: Row): number {
  return FRONTS.findIndex(({ name }) => name === front) * 10 + BACKENDS.indexOf(backend);
}

async function auditPair(front: Front, backend: string): Promise<Row> {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-peer-'));
  const files = {
    cert: join(folder, 'cert.pem'),
    key: join(folder, 'key.pem'),
    both: join(folder, 'both.pem'),
  };
  writeFileSync(files.cert, pair.cert);
  writeFileSync(files.key, pair.key);
  writeFileSync(files.both, pair.cert + pair.key);
  const server = await startBackend(backend);
  const port = await freePort();
  const stage: Stage = { folder, ...files, host: HOST, upstreamPort: server.port, port };
  let child: ChildProcess | undefined;
  try {
    child = await launch(front.command(stage), port);
    const report = await auditPort(
      port,
      front.tlsOnly ? ['transport'] : ['transport', 'handshake', 'frames', 'limits'],
    );
    console.log(`${front.name} before ${backend}: ${report.grade} after ${report.seconds} s`);
    const tls = backend === BACKENDS[0] ? await compareTls(port, report) : undefined;
    return {
      front: front.name,
      program: front.program,
      tlsOnly: front.tlsOnly === true,
      backend,
      report,
      tls,
    };
  } finally {
    if (child) end(child);
    end(server.child);
    rmSync(folder, { recursive: true, force: true });
  }
}

async function auditPort(port: number, only: readonly string[]): Promise<AuditReport> {
  const target = await resolveTarget(`wss://${HOST}:${port}/live`, () => Promise.resolve('127.0.0.1'));
  return audit({
    asker: {
      target,
      budget: new Budget(ALLOWANCE),
      patience: DEFAULT_PATIENCE,
      trust: { roots: [ca.cert], client: undefined },
      login: { always: [['Origin', 'https://app.example.com']], token: undefined, place: { kind: 'header' } },
    },
    only,
    watch: undefined,
    signal: new AbortController().signal,
    notify: () => {},
    credentials: { expiredToken: undefined, ticket: undefined, ticketParameter: 'ticket' },
  });
}

async function startBackend(name: string): Promise<{ port: number; child: ChildProcess }> {
  const child = spawn('npx', ['tsx', 'scripts/audit-peers/backend.ts', name], {
    stdio: ['ignore', 'pipe', 'ignore'],
    detached: true,
  });
  const line = await new Promise<string>((resolve) =>
    createInterface({ input: child.stdout }).once('line', resolve),
  );
  return { port: Number(line), child };
}
