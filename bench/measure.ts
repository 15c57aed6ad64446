import { createInterface } from 'node:readline';
import { type Contender, type Running, type Stage, spawnOn } from './contenders.ts';
import { cpuMicroseconds, privateBytes } from './process.ts';

export interface Cell {
  readonly bytes: number;
  readonly outstanding: number;
  /** Of the contender, per round trip, in microseconds; one for each round. */
  readonly cpu: number[];
  /** Messages a second that came back; one for each round. */
  readonly throughput: number[];
}

export interface Result {
  readonly name: string;
  readonly cells: readonly Cell[];
  /** Private memory an idle TLS connection adds, after a collection, in bytes. */
  readonly idleBytes: number;
  /** CPU of a full TLS handshake, upgrade and close, in microseconds; one for each round. */
  readonly handshakes: readonly number[];
}

export interface Sizes {
  /** The contenders take turns in each, so that what the machine does meanwhile is done to all. */
  readonly rounds: number;
  /** Round trips of one cell, by outstanding. */
  readonly messages: Readonly<Record<number, number>>;
  readonly idle: number;
  readonly handshakes: number;
  /** Handshakes before the first that counts: so many it takes until all of a handshake's code is compiled. */
  readonly warmUp: number;
}

/** What is sent: payloads of so many bytes, so many of them on their way on each connection. */
export const SHAPES = [
  { bytes: 64, outstanding: 1 },
  { bytes: 64, outstanding: 16 },
  { bytes: 1_024, outstanding: 1 },
  { bytes: 1_024, outstanding: 16 },
] as const;

/** The load generator, on the other core. */
export class Load {
  readonly #send: (line: string) => void;
  readonly #stop: () => void;
  #answer: ((line: string) => void) | undefined;

  private constructor(send: (line: string) => void, stop: () => void) {
    this.#send = send;
    this.#stop = stop;
  }

  /** @param before what its command line begins with, such as `nice` */
  static async start(core: number, program = 'bench/load.ts', before: readonly string[] = []): Promise<Load> {
    const { child } = await spawnOn(core, [...before, process.execPath, '--import', 'tsx', program]);
    const load = new Load(
      (line) => child.stdin!.write(`${line}\n`),
      () => child.kill('SIGKILL'),
    );
    createInterface({ input: child.stdout! }).on('line', (line) => load.#answer?.(line));
    return load;
  }

  async order<T>(order: object): Promise<T> {
    const line = await new Promise<string>((resolve) => {
      this.#answer = resolve;
      this.#send(JSON.stringify(order));
    });
    const answer = JSON.parse(line) as T & { error?: string };
    if (answer.error) throw new Error(answer.error);
    return answer;
  }

  stop(): void {
    this.#stop();
  }
}

/** A contender at work, and the load that is its own. */
interface Entrant {
  readonly name: string;
  readonly running: Running;
  readonly load: Load;
  /** Where the load connects to, and with what. */
  readonly target: {
    readonly port: number;
    readonly path: string;
    readonly headers: Readonly<Record<string, string>>;
  };
}

/** Everything about the contenders; each kind of thing in processes that have done nothing else. */
export async function measure(
  contenders: readonly Contender[],
  stage: Stage,
  headers: Readonly<Record<string, string>>,
  sizes: Sizes,
): Promise<Result[]> {
  const enter = async (contender: Contender): Promise<Entrant> => {
    const running = await contender.start(stage);
    const load = await Load.start(1);
    return { name: contender.name, running, load, target: { port: running.port, path: '/chat', headers } };
  };
  const leave = async ({ running, load }: Entrant): Promise<void> => {
    load.stop();
    await running.stop();
  };
  const together = async <T>(work: (entrants: readonly Entrant[]) => Promise<T>): Promise<T> => {
    const entrants: Entrant[] = [];
    try {
      for (const contender of contenders) entrants.push(await enter(contender));
      return await work(entrants);
    } finally {
      await Promise.all(entrants.map(leave));
    }
  };
  console.error('bench: messages …');
  const cells = await together((entrants) => measureCells(entrants, sizes));
  console.error('bench: handshakes …');
  const handshakes = await together((entrants) => measureHandshakes(entrants, sizes));
  console.error('bench: idle connections …');
  const idle: number[] = [];
  for (const contender of contenders) {
    const entrant = await enter(contender);
    idle.push(await measureIdle(entrant, sizes.idle));
    await leave(entrant);
  }
  return contenders.map(({ name }, i) => ({
    name,
    cells: cells[i]!,
    handshakes: handshakes[i]!,
    idleBytes: idle[i]!,
  }));
}

async function measureCells(entrants: readonly Entrant[], sizes: Sizes): Promise<Cell[][]> {
  for (const { load, target } of entrants) await load.order({ do: 'open', ...target, connections: 100 });
  const cells = entrants.map((): Cell[] => []);
  for (const shape of SHAPES) {
    const messages = sizes.messages[shape.outstanding]!;
    for (const [i, { load }] of entrants.entries()) {
      cells[i]!.push({ ...shape, cpu: [], throughput: [] });
      await load.order({ do: 'run', ...shape, messages: Math.ceil(messages / 2) }); // warm
    }
    for (let round = 0; round < sizes.rounds; round++) {
      for (const [i, { running, load }] of entrants.entries()) {
        const { cpu, throughput } = cells[i]!.at(-1)!;
        const before = cpuMicroseconds(running.pid);
        const { seconds } = await load.order<{ seconds: number }>({ do: 'run', ...shape, messages });
        cpu.push((cpuMicroseconds(running.pid) - before) / messages);
        throughput.push(messages / seconds);
      }
    }
  }
  return cells;
}

async function measureHandshakes(entrants: readonly Entrant[], sizes: Sizes): Promise<number[][]> {
  const { handshakes, warmUp, rounds } = sizes;
  const cpu = entrants.map((): number[] => []);
  for (const { load, target } of entrants) await load.order({ do: 'churn', ...target, handshakes: warmUp });
  for (let round = 0; round < rounds; round++) {
    for (const [i, { running, load, target }] of entrants.entries()) {
      const before = cpuMicroseconds(running.pid);
      await load.order({ do: 'churn', ...target, handshakes });
      cpu[i]!.push((cpuMicroseconds(running.pid) - before) / handshakes);
    }
  }
  return cpu;
}

/** The first wave pays for tables and arenas that later ones reuse; the second is what a connection costs. */
async function measureIdle({ running, load, target }: Entrant, count: number): Promise<number> {
  await load.order({ do: 'open', ...target, connections: count });
  await running.collect();
  const before = privateBytes(running.pid);
  await load.order({ do: 'open', ...target, connections: count * 2 });
  await running.collect();
  const after = privateBytes(running.pid);
  await load.order({ do: 'close' });
  return (after - before) / count;
}
