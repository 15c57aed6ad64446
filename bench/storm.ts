/**
 * `npm run bench:storm`: 5,000 sockets come back at once to a gateway that has just started, while 100 others talk to
 * it; and 1,000 sockets that never read. Gateway on core 0, load and echo backend on core 1. Prints when the last was
 * in, what the gateway spent, how long those who were connected waited for their answers, and what it costs to say no.
 * `--quick` does a tenth of it, `--only storm`, `deaf` or `costs` a part.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createDevelopmentCa } from '../src/edge/development-ca.ts';
import { freePort, type Running, sallyport, spawnOn } from './contenders.ts';
import type { Storm } from './herd.ts';
import { Load } from './measure.ts';
import { cpuMicroseconds, peakResidentBytes } from './process.ts';
import { prepareStage } from './stage.ts';

const quick = process.argv.includes('--quick');
const HERD = quick ? 500 : 5_000;
const DEAF = quick ? 100 : 1_000;
const TALKERS = 100;
const KNOCKS = quick ? 200 : 1_000;
/** Of a socket that never reads: what it asks for, in bytes. More than the kernel holds for it. */
const ASKED = 2_000_000;
const QUIET = quick ? 3_000 : 10_000; // milliseconds
const SAMPLE = 250; // milliseconds

interface Lap {
  readonly answers: number;
  readonly p50: number;
  readonly p99: number;
  readonly longest: number;
  readonly fallen: number;
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const { child: echo, line } = await spawnOn(1, [process.execPath, '--import', 'tsx', 'bench/echo.ts']);
const upstreamPort = Number(await line);
const ca = await createDevelopmentCa();
const { folder, token } = await prepareStage(upstreamPort, await ca.issue({ dns: ['localhost'] }));
const shutPort = await freePort();
const configuration = join(folder, 'sallyport.yaml');
// A second door that lets in one connection a day: what comes there is reset.
const SHUT = `  shut:
    address: 127.0.0.1:${shutPort}
    tls: { certificates: [{ cert: cert.pem, key: key.pem }] }
    limits: { perAddress: { handshakes: 1/d } }
`;
// The herd is one process on one core, and answers more slowly than as many clients would.
writeFileSync(
  configuration,
  readFileSync(configuration, 'utf8')
    .replace('identities:\n', `${SHUT}identities:\n`)
    .replace('limits: { connections', 'limits: { handshakeTimeout: 60s, connections'),
);
const start = (): Promise<Running> =>
  sallyport.start({
    folder,
    upstreamPort,
    certificate: { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') },
    bundle: join(folder, 'bundle.pem'),
    core: 0,
  });
const target = { path: '/chat', headers: { Authorization: `Bearer ${token}` } };

/** The CPU of a process until `stop`: in seconds, and the most in any quarter of a second, in percent of a core. */
function watchCpu(pid: number): { stop(): { cpu: number; seconds: number } } {
  const begun = cpuMicroseconds(pid);
  let most = 0;
  let [before, at] = [begun, performance.now()];
  const timer = setInterval(() => {
    const [now, then] = [cpuMicroseconds(pid), performance.now()];
    most = Math.max(most, (now - before) / (then - at) / 10);
    [before, at] = [now, then];
  }, SAMPLE);
  return {
    stop() {
      clearInterval(timer);
      return { cpu: most, seconds: (cpuMicroseconds(pid) - begun) / 1e6 };
    },
  };
}

/** A fresh gateway, and those who talk to it already. */
async function occupied() {
  const gateway = await start();
  const talkers = await Load.start(1, 'bench/herd.ts');
  await talkers.order({ do: 'talk', ...target, port: gateway.port, connections: TALKERS, every: 100 });
  await pause(2_000); // until what they run is compiled
  await talkers.order({ do: 'lap' });
  await pause(QUIET);
  const before = await talkers.order<Lap>({ do: 'lap' });
  return { gateway, talkers, before };
}

async function storm() {
  const { gateway, talkers, before } = await occupied();
  const herd = await Load.start(1, 'bench/herd.ts');
  const cpu = watchCpu(gateway.pid);
  const result = await herd.order<Storm>({ do: 'storm', ...target, port: gateway.port, connections: HERD });
  const during = await talkers.order<Lap>({ do: 'lap' });
  const spent = { ...cpu.stop(), memory: peakResidentBytes(gateway.pid) };
  herd.stop();
  talkers.stop();
  await gateway.stop();
  return { before, during, spent, result };
}

async function deaf() {
  const { gateway, talkers, before } = await occupied();
  const herd = await Load.start(1, 'bench/herd.ts');
  await herd.order({ do: 'deafen', ...target, port: gateway.port, connections: DEAF, bytes: ASKED });
  await pause(QUIET);
  const during = await talkers.order<Lap>({ do: 'lap' });
  await pause(QUIET);
  const after = await talkers.order<Lap>({ do: 'lap' });
  const memory = peakResidentBytes(gateway.pid);
  herd.stop();
  talkers.stop();
  await gateway.stop();
  return { before, during, after, memory };
}

/** CPU of the gateway for each connection that comes, in microseconds. */
async function costs() {
  const gateway = await start();
  const herd = await Load.start(1, 'bench/herd.ts');
  const cost = async (order: object): Promise<[number, string]> => {
    await herd.order({ do: 'knock', times: KNOCKS, ...order }); // warm
    const before = cpuMicroseconds(gateway.pid);
    const { answers } = await herd.order<{ answers: object }>({ do: 'knock', times: KNOCKS, ...order });
    await pause(500);
    return [(cpuMicroseconds(gateway.pid) - before) / KNOCKS, Object.keys(answers).join(', ')];
  };
  const { port } = gateway;
  const rows = {
    'admitted, and closed at once': await cost({ ...target, port }),
    'refused after TLS, before its credential is looked at': await cost({
      ...target,
      port,
      path: '/nowhere',
    }),
    'the same, with a resumed TLS session': await cost({ ...target, port, path: '/nowhere', resume: true }),
    'reset before TLS': await cost({ ...target, port: shutPort }),
  };
  herd.stop();
  await gateway.stop();
  return rows;
}

const MiB = 1_048_576;
const count = (value: number): string => value.toLocaleString('en');
const seconds = (value: number): string => `${value.toFixed(1)} s`;
const lap = (name: string, { answers, p50, p99, longest }: Lap): string =>
  `| ${name} | ${count(answers)} | ${p50.toFixed(1)} ms | ${p99.toFixed(1)} ms | ${longest.toFixed(0)} ms |`;
const LAPS = '| answers to those who talk | number | p50 | p99 | longest |\n|---|---|---|---|---|';

/** What each part of it prints. Returns how many sockets fell that should not. */
const parts = {
  async storm() {
    const { before, during, spent, result } = await storm();
    const failures = Object.entries(result.failures).map(([what, times]) => `${what} ${count(times)}`);
    console.log(`${count(HERD)} sockets come at once, ${TALKERS} are there, Node ${process.versions.node}:

| | |
|---|---|
| the first was in after | ${seconds(result.first)} |
| half of them were in after | ${seconds(result.median)} |
| the last was in after | ${seconds(result.last)} |
| attempts it took | ${count(result.attempts)}${failures.length > 0 ? ` (${failures.join(', ')})` : ''} |
| most CPU in a quarter of a second | ${spent.cpu.toFixed(0)} % |
| CPU in all | ${seconds(spent.seconds)} |
| most memory | ${(spent.memory / MiB).toFixed(0)} MiB |
| sockets that fell | ${during.fallen} |

${LAPS}
${lap('before', before)}
${lap('during', during)}
`);
    return during.fallen;
  },

  async deaf() {
    const { before, during, after, memory } = await deaf();
    console.log(`${count(DEAF)} sockets ask for ${count(ASKED / 1e6)} MB each and never read:

${LAPS}
${lap('before', before)}
${lap('while they ask', during)}
${lap('when they are stuck', after)}

Most memory: ${(memory / MiB).toFixed(0)} MiB; sockets that fell: ${after.fallen}.
`);
    return after.fallen;
  },

  async costs() {
    console.log('| a connection that is | costs the gateway | was told |\n|---|---|---|');
    for (const [what, [microseconds, told]] of Object.entries(await costs())) {
      console.log(`| ${what} | ${count(Math.round(microseconds))} µs | ${told} |`);
    }
    return 0;
  },
};

const only = process.argv[process.argv.indexOf('--only') + 1];
let fallen = 0;
for (const [name, run] of Object.entries(parts)) {
  if (!process.argv.includes('--only') || only === name) fallen += await run();
}

echo.kill('SIGKILL');
rmSync(folder, { recursive: true });
process.exitCode = fallen > 0 ? 1 : 0;
