import { createInterface } from 'node:readline';
import { type Contender, type Running, type Stage, spawnOn } from './contenders.ts';
import { cpuMicroseconds, median, privateBytes } from './process.ts';

export interface Cell {
  readonly bytes: number;
  readonly outstanding: number;
  /** Of the contender, per round trip. */
  readonly cpuMicroseconds: number;
  /** Messages a second that came back. */
  readonly throughput: number;
}

export interface Result {
  readonly name: string;
  readonly cells: readonly Cell[];
  /** Private memory an idle TLS connection adds, after a collection, in bytes. */
  readonly idleBytes: number;
  /** CPU of a full TLS handshake, upgrade and close, in microseconds. */
  readonly handshakeMicroseconds: number;
}

export interface Sizes {
  readonly rounds: number;
  /** Round trips of one cell, by outstanding. */
  readonly messages: Readonly<Record<number, number>>;
  readonly idle: number;
  readonly handshakes: number;
  /** Handshakes before the first that counts: so many it takes until all of a handshake's code is compiled. */
  readonly warmUp: number;
}

/** The load generator, on the other core. */
export class Load {
  readonly #send: (line: string) => void;
  readonly #stop: () => void;
  #answer: ((line: string) => void) | undefined;

  private constructor(send: (line: string) => void, stop: () => void) {
    this.#send = send;
    this.#stop = stop;
  }

  static async start(core: number, program = 'bench/load.ts'): Promise<Load> {
    const { child } = await spawnOn(core, [process.execPath, '--import', 'tsx', program]);
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

/** Everything about one contender, measured by the same load; each kind of thing in a process that has done nothing else. */
export async function measure(
  contender: Contender,
  stage: Stage,
  load: Load,
  headers: Readonly<Record<string, string>>,
  sizes: Sizes,
): Promise<Result> {
  const fresh = async <T>(work: (running: Running, target: Target) => Promise<T>): Promise<T> => {
    const running = await contender.start(stage);
    try {
      return await work(running, { port: running.port, path: '/chat', headers });
    } finally {
      await running.stop();
    }
  };
  const cells = await fresh((running, target) => measureCells(running, load, target, sizes));
  const handshakeMicroseconds = await fresh((running, target) =>
    measureHandshakes(running, load, target, sizes),
  );
  const idleBytes = await fresh((running, target) => measureIdle(running, load, target, sizes.idle));
  return { name: contender.name, cells, idleBytes, handshakeMicroseconds };
}

/** Where the load connects to, and with what. */
interface Target {
  readonly port: number;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

async function measureCells(running: Running, load: Load, target: Target, sizes: Sizes): Promise<Cell[]> {
  const cells: Cell[] = [];
  await load.order({ do: 'open', ...target, connections: 100 });
  for (const bytes of [64, 1_024]) {
    for (const outstanding of [1, 16])
      cells.push(await measureCell(running, load, bytes, outstanding, sizes));
  }
  await load.order({ do: 'close' });
  return cells;
}

async function measureCell(
  running: Running,
  load: Load,
  bytes: number,
  outstanding: number,
  sizes: Sizes,
): Promise<Cell> {
  const messages = sizes.messages[outstanding]!;
  await load.order({ do: 'run', bytes, outstanding, messages: Math.ceil(messages / 4) }); // warm
  const cpu: number[] = [];
  const throughput: number[] = [];
  for (let round = 0; round < sizes.rounds; round++) {
    const before = cpuMicroseconds(running.pid);
    const { seconds } = await load.order<{ seconds: number }>({ do: 'run', bytes, outstanding, messages });
    cpu.push((cpuMicroseconds(running.pid) - before) / messages);
    throughput.push(messages / seconds);
  }
  return { bytes, outstanding, cpuMicroseconds: median(cpu), throughput: median(throughput) };
}

async function measureHandshakes(
  running: Running,
  load: Load,
  target: object,
  sizes: Sizes,
): Promise<number> {
  const { handshakes, warmUp } = sizes;
  await load.order({ do: 'churn', ...target, handshakes: warmUp });
  const cpu: number[] = [];
  for (let round = 0; round < sizes.rounds; round++) {
    const before = cpuMicroseconds(running.pid);
    await load.order({ do: 'churn', ...target, handshakes });
    cpu.push((cpuMicroseconds(running.pid) - before) / handshakes);
  }
  return median(cpu);
}

/** The first wave pays for tables and arenas that later ones reuse; the second is what a connection costs. */
async function measureIdle(running: Running, load: Load, target: Target, count: number): Promise<number> {
  await load.order({ do: 'open', ...target, connections: count });
  await running.collect();
  const before = privateBytes(running.pid);
  await load.order({ do: 'open', ...target, connections: count * 2 });
  await running.collect();
  const after = privateBytes(running.pid);
  await load.order({ do: 'close' });
  return (after - before) / count;
}
