/**
 * A gateway that is in use: on core 0, with 100 sockets that send a message every 100 ms and measure how long its answer
 * takes. They, the echo backend and all other load are on core 1.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createDevelopmentCa } from '../src/edge/development-ca.ts';
import { freePort, type Running, sallyport, spawnOn } from './contenders.ts';
import { Load } from './measure.ts';
import { prepareStage } from './stage.ts';

export const TALKERS = 100;

/** How long the answers took since the last lap, in milliseconds, and how many of the sockets have fallen in all. */
export interface Lap {
  readonly answers: number;
  readonly p50: number;
  readonly p99: number;
  readonly longest: number;
  readonly fallen: number;
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const { child: echo, line } = await spawnOn(1, [process.execPath, '--import', 'tsx', 'bench/echo.ts']);
const upstreamPort = Number(await line);
const ca = await createDevelopmentCa();
const { folder, token } = await prepareStage(upstreamPort, await ca.issue({ dns: ['localhost'] }));

/** A second door that lets in one connection a day: what comes there is reset. */
export const shutPort = await freePort();
const SHUT = `  shut:
    address: 127.0.0.1:${shutPort}
    tls: { certificates: [{ cert: cert.pem, key: key.pem }] }
    limits: { perAddress: { handshakes: 1/d } }
`;
const configuration = join(folder, 'sallyport.yaml');
// The herd is one process on one core, and answers more slowly than as many clients would. Who reads nothing may stay.
writeFileSync(
  configuration,
  readFileSync(configuration, 'utf8')
    .replace('identities:\n', `${SHUT}identities:\n`)
    .replace('limits: { connections', 'limits: { handshakeTimeout: 60s, connections')
    .replace('lifetime: { ', 'lifetime: { slowConsumer: 1h, '),
);

/** Where to connect to, but for the port, and with what. */
export const target = { path: '/chat', headers: { Authorization: `Bearer ${token}` } };

export function start(): Promise<Running> {
  return sallyport.start({
    folder,
    upstreamPort,
    certificate: { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') },
    bundle: join(folder, 'bundle.pem'),
    core: 0,
  });
}

/** A fresh gateway, those who talk to it, and a herd that does nothing yet. */
export async function occupied() {
  const gateway = await start();
  const talkers = await Load.start(1, 'bench/herd.ts');
  // It yields its core to those who talk and to the backend: what they wait for is the gateway.
  const herd = await Load.start(1, 'bench/herd.ts', ['nice', '-n', '19']);
  await talkers.order({ do: 'talk', ...target, port: gateway.port, connections: TALKERS, every: 100 });
  await pause(2_000); // until what they run is compiled
  return {
    gateway,
    herd,
    /** What those who talk wait for so many milliseconds, or while `work` goes on. */
    async lap(during: number | (() => Promise<unknown>)): Promise<Lap> {
      await talkers.order({ do: 'lap' });
      await (typeof during === 'number' ? pause(during) : during());
      return talkers.order<Lap>({ do: 'lap' });
    },
    async stop(): Promise<void> {
      herd.stop();
      talkers.stop();
      await gateway.stop();
    },
  };
}

const count = (value: number): string => value.toLocaleString('en');

/** Rows of Markdown, one for each lap by its name. */
export function tableOf(laps: Readonly<Record<string, Lap>>): string {
  const rows = Object.entries(laps).map(
    ([name, { answers, p50, p99, longest }]) =>
      `| ${name} | ${count(answers)} | ${p50.toFixed(1)} ms | ${p99.toFixed(1)} ms | ${longest.toFixed(0)} ms |`,
  );
  return `| answers to those who talk | number | p50 | p99 | longest |\n|---|---|---|---|---|\n${rows.join('\n')}\n`;
}

export function end(): void {
  echo.kill('SIGKILL');
  rmSync(folder, { recursive: true });
}
