/**
 * `npm run bench`: Sallyport beside nginx, HAProxy and a few lines of Node as blind tunnels and `ws` piped to `ws`,
 * under the same load, round by round in turn: contenders on core 0, load and echo backend on core 1. Writes the table
 * into docs/performance.md. `--quick` measures less and writes nothing; `--only NAME` picks contenders.
 */

import { rmSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { createDevelopmentCa } from '../src/edge/development-ca.ts';
import { stayAwake } from './awake.ts';
import {
  type Contender,
  haproxy,
  installed,
  nginx,
  nodeTunnel,
  type Stage,
  sallyport,
  sallyportRaw,
  spawnOn,
  wsPipe,
} from './contenders.ts';
import { measure, type Sizes } from './measure.ts';
import { table, writeReport } from './report.ts';
import { prepareStage } from './stage.ts';

const CONTENDERS: readonly Contender[] = [nginx, haproxy, nodeTunnel, sallyport, sallyportRaw, wsPipe];

const FULL: Sizes = {
  rounds: 7,
  messages: { 1: 20_000, 16: 150_000 },
  idle: 2_000,
  handshakes: 500,
  warmUp: 3_000,
};
const QUICK: Sizes = {
  rounds: 3,
  messages: { 1: 10_000, 16: 60_000 },
  idle: 500,
  handshakes: 500,
  warmUp: 2_000,
};

const args = process.argv.slice(2);
const quick = args.includes('--quick');
const only = args.includes('--only') ? (args[args.indexOf('--only') + 1] ?? '').toLowerCase() : '';

if (cpus().length < 2) {
  console.error('bench: two cores are needed, one for what is measured and one for the load');
  process.exit(1);
}

if (!stayAwake()) console.error('bench: cores may sleep, which costs the slower contenders more');

const { child: echo, line } = await spawnOn(1, [process.execPath, '--import', 'tsx', 'bench/echo.ts']);
const upstreamPort = Number(await line);
const ca = await createDevelopmentCa();
const { folder, token } = await prepareStage(upstreamPort, await ca.issue({ dns: ['localhost'] }));
const stage: Stage = {
  folder,
  upstreamPort,
  certificate: { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') },
  bundle: join(folder, 'bundle.pem'),
  core: 0,
};

const present = CONTENDERS.filter(({ name, needs }) => {
  if (!name.toLowerCase().includes(only)) return false;
  const missing = needs.filter((program) => !installed(program));
  if (missing.length > 0) console.error(`bench: ${name} left out: ${missing.join(', ')} is not installed`);
  return missing.length === 0;
});
const results = await measure(present, stage, { Authorization: `Bearer ${token}` }, quick ? QUICK : FULL);
echo.kill('SIGKILL');
rmSync(folder, { recursive: true });

console.log(table(results));
if (!quick && only === '') writeReport(results);
