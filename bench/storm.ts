/**
 * `npm run bench:storm`: 5,000 sockets come back at once to a gateway that has just started, while 100 others talk to
 * it; and 1,000 sockets that never read. Gateway on core 0, load and echo backend on core 1. Prints when the last was
 * in, what the gateway spent, how long those who were connected waited for their answers, and what it costs to say no.
 * `--quick` does a tenth of it, `--only storm`, `deaf` or `costs` a part.
 */
import { deaf } from './deaf.ts';
import type { Storm } from './herd.ts';
import { Load } from './measure.ts';
import { end, occupied, pause, shutPort, start, TALKERS, tableOf, target } from './occupied.ts';
import { cpuMicroseconds, peakResidentBytes } from './process.ts';

const quick = process.argv.includes('--quick');
const HERD = quick ? 500 : 5_000;
const DEAF = quick ? 100 : 1_000;
const KNOCKS = quick ? 200 : 1_000;
const QUIET = quick ? 3_000 : 10_000; // milliseconds
const ROUND = quick ? 2_000 : 5_000; // milliseconds
const ROUNDS = quick ? 1 : 3;
const SAMPLE = 250; // milliseconds

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

async function storm() {
  const { gateway, herd, lap, stop } = await occupied();
  const before = await lap(QUIET);
  const cpu = watchCpu(gateway.pid);
  let result: Storm | undefined;
  const during = await lap(async () => {
    result = await herd.order<Storm>({ do: 'storm', ...target, port: gateway.port, connections: HERD });
  });
  const spent = { ...cpu.stop(), memory: peakResidentBytes(gateway.pid) };
  await stop();
  return { before, during, spent, result: result! };
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

${tableOf({ before, during })}`);
    return during.fallen;
  },

  deaf: () => deaf(DEAF, ROUNDS, ROUND),

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

end();
process.exitCode = fallen > 0 ? 1 : 0;
