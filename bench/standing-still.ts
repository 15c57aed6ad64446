import { once } from 'node:events';
import { WebSocket } from 'ws';
import { Nodes } from '../test/support/node-process.ts';
import { Ledger } from '../test/support/numbered.ts';
import { ServedFleet } from '../test/support/served-fleet.ts';

/** How long a process stands still, how often each client says something meanwhile, in milliseconds, and how many clients. */
const STILL = 30_000;
const EVERY = 500;
const CLIENTS = 20;
/** How long it may take afterwards until all is answered, in milliseconds. */
const PATIENCE = 20_000;

/** What became of those who were connected to a process that stood still. */
export interface Stillness {
  readonly sessions: number;
  readonly ended: number;
  readonly sent: number;
  readonly lost: number;
  /** From its going on until each client had its last answer, in milliseconds. */
  readonly caughtUp: readonly number[];
}

export interface WorkerStillness extends Stillness {
  /** The longest that a client of another worker waited for an answer meanwhile, in milliseconds. */
  readonly others: number;
  readonly newcomers: number;
  /** How many of them had to wait until it went on. */
  readonly waited: number;
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** A client without any art: it does not come back. */
class Plain {
  readonly socket: WebSocket;
  sent = 0;
  answered = 0;
  lastAt = 0;
  longest = 0;
  ended = false;
  readonly #sentAt: number[] = [];

  constructor(socket: WebSocket) {
    this.socket = socket;
    socket
      .on('error', () => {})
      .on('close', () => {
        this.ended = true;
      });
    socket.on('message', () => {
      this.lastAt = performance.now();
      this.longest = Math.max(this.longest, this.lastAt - this.#sentAt[this.answered++]!);
    });
  }

  say(): void {
    this.#sentAt.push(performance.now());
    this.socket.send(`c:${this.sent++}`);
  }
}

/** Stops a process for half a minute while its clients talk, and waits until it has caught up. */
async function stillness(
  clients: readonly Plain[],
  others: readonly Plain[],
  pid: number,
): Promise<Stillness> {
  process.kill(pid, 'SIGSTOP');
  const until = performance.now() + STILL;
  while (performance.now() < until) {
    for (const client of [...clients, ...others]) client.say();
    await pause(EVERY);
  }
  const longest = others.map((each) => each.longest);
  const goesOn = performance.now();
  process.kill(pid, 'SIGCONT');
  while (clients.some(({ sent, answered }) => answered < sent) && performance.now() < goesOn + PATIENCE)
    await pause(20);
  others.forEach((each, i) => {
    each.longest = longest[i]!; // of the time of stillness alone
  });
  const sum = (of: (client: Plain) => number): number => clients.reduce((all, each) => all + of(each), 0);
  return {
    sessions: clients.length,
    ended: sum(({ ended }) => Number(ended)),
    sent: sum(({ sent }) => sent),
    lost: sum(({ sent, answered }) => sent - answered),
    caughtUp: clients.map(({ lastAt }) => lastAt - goesOn),
  };
}

/** One of two nodes stands still, with everything as it is by default. */
export async function stillNode(redis: string): Promise<Stillness> {
  const ledger = await Ledger.listen();
  const nodes = await Nodes.start({ count: 2, redis, upstream: ledger.url });
  const [node] = nodes.nodes;
  const url = `wss://localhost:${node!.port}/chat`;
  const clients = await Promise.all(
    Array.from({ length: CLIENTS }, async () => {
      const socket = new WebSocket(url, { ca: nodes.authority, family: 4 });
      await once(socket, 'open');
      return new Plain(socket);
    }),
  );
  const result = await stillness(clients, [], node!.pid);
  for (const { socket } of clients) socket.terminate();
  await nodes.end();
  ledger.close();
  return result;
}

/** One of two workers stands still, and clients come meanwhile. */
export async function stillWorker(): Promise<WorkerStillness> {
  const fleet = await ServedFleet.start({ workers: 2 });
  const clients: Plain[] = [];
  const accepted = () => fleet.lines.filter(({ event }) => event === 'upgrade.accepted');
  for (let i = 0; i < CLIENTS; i++) {
    clients.push(new Plain(await fleet.connect()));
    while (accepted().length <= i) await pause(5);
  }
  const workers = accepted().map(({ worker }) => worker);
  const of = clients.filter((_, i) => workers[i] === 1);
  const others = clients.filter((_, i) => workers[i] !== 1);
  const pid = fleet.pids().get(1)!;
  const still = stillness(of, others, pid);
  await pause(STILL / 3);
  const newcomers = Array.from({ length: CLIENTS }, () => fleet.connect());
  let served = 0;
  for (const each of newcomers) void each.then(() => served++);
  await pause(STILL / 3);
  const waited = CLIENTS - served;
  const result = await still;
  await Promise.all(newcomers);
  await fleet.end();
  return {
    ...result,
    others: Math.max(...others.map(({ longest }) => longest)),
    newcomers: CLIENTS,
    waited,
  };
}
