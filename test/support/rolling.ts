import type { NodeProcess, Nodes } from './node-process.ts';
import { type Ledger, sdkClient, Talker } from './numbered.ts';

export interface RollingOptions {
  readonly clients: number;
  /** Between two messages of one client, in milliseconds. */
  readonly every: number;
  /** How long all nodes serve before, between and after, in milliseconds. */
  readonly settle: number;
}

/** What became of all messages. */
export interface RollingFigures {
  readonly sent: number;
  readonly acknowledged: number;
  /** Acknowledged, and never came to the backend. */
  readonly lost: number;
  /** Came to the backend more than once. */
  readonly duplicated: number;
  /** The longest time between two messages of one client at the backend, in milliseconds. */
  readonly longestGap: number;
  /** How often connections were lost, and came back to the same session or to another. */
  readonly resumed: number;
  readonly anew: number;
  /** How long each node took from its signal until it served again, in milliseconds. */
  readonly restarts: readonly number[];
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Restarts one node after another with SIGTERM while clients talk. */
export async function rollingRestart(
  nodes: Nodes,
  ledger: Ledger,
  { clients, every, settle }: RollingOptions,
): Promise<RollingFigures> {
  let resumed = 0;
  let opened = 0;
  const talkers = Array.from({ length: clients }, (_, i) => {
    const client = sdkClient(nodes.url, nodes.authority);
    client.addEventListener('open', (event) => {
      opened++;
      if (event.resumed) resumed++;
    });
    return new Talker(`c${i}`, client, every);
  });
  while (talkers.some(({ client }) => client.state !== 'open')) await pause(20);
  await pause(settle);
  const restarts: number[] = [];
  for (const node of nodes.nodes) {
    restarts.push(await restart(nodes, node));
    await pause(settle);
  }
  const unsent = await Promise.all(talkers.map((talker) => talker.finish(ledger, 15_000, 3_000)));
  const sum = (of: (talker: Talker, place: number) => number): number =>
    talkers.reduce((total, talker, place) => total + of(talker, place), 0);
  const sent = sum((talker) => talker.sent);
  const acknowledged = sent - sum((_, place) => unsent[place]!);
  return {
    sent,
    acknowledged,
    lost: sum(({ name, sent }, place) => Math.max(0, sent - unsent[place]! - ledger.distinct(name))),
    duplicated: sum(({ name }) => ledger.repeated(name)),
    longestGap: ledger.longestGap,
    resumed,
    anew: opened - resumed - clients,
    restarts,
  };
}

/** As an orchestrator does it: out of the balancer as soon as it drains, and in again when it serves. */
async function restart(nodes: Nodes, node: NodeProcess): Promise<number> {
  const begun = performance.now();
  const { port, lines } = node;
  const draining = node.line('drain.started', {}, lines.length).then(() => nodes.balancer.remove(port));
  await node.end('SIGTERM');
  await draining;
  await node.start();
  nodes.balancer.add(node.port);
  return performance.now() - begun;
}
