/**
 * `npm run bench:faults`: how long faults last for those who use a gateway: a node killed, a Redis that is gone, silent or
 * fails over, an upstream that comes and goes, a node or a worker that stands still for half a minute. Prints the middle of
 * several runs, and the worst, in milliseconds.
 */
import { Chat } from '../test/support/chat.ts';
import { FaultProxy } from '../test/support/fault-proxy.ts';
import { Nodes } from '../test/support/node-process.ts';
import { Ledger, sdkClient } from '../test/support/numbered.ts';
import { RawServer } from '../test/support/raw-server.ts';
import { startRedis, startRedisCluster } from '../test/support/redis.ts';
import { type Stillness, stillNode, stillWorker } from './standing-still.ts';

const CLIENTS = 50;
const RUNS = 5;
const FAILOVERS = 3;
const ROUTE = { identify: ['visitors'], dialect: { raw: { frames: 'both' } }, resume: {} };

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function print(what: string, times: readonly number[]): void {
  const sorted = times.toSorted((a, b) => a - b);
  const [middle = 0, worst = 0] = [sorted[Math.floor(sorted.length / 2)], sorted.at(-1)];
  console.log(`| ${what} | ${Math.round(middle)} ms | ${Math.round(worst)} ms |`);
}

/** Until each client of a killed node has a connection again. */
async function killedNode(redis: string): Promise<number[]> {
  const ledger = await Ledger.listen();
  const nodes = await Nodes.start({ count: 2, redis, upstream: ledger.url, route: ROUTE });
  const clients = Array.from({ length: CLIENTS }, () =>
    sdkClient(nodes.url, nodes.authority, { reconnect: {} }),
  );
  while (clients.some(({ state }) => state !== 'open')) await pause(20);
  await pause(1_000);
  const [victim] = nodes.nodes;
  nodes.balancer.remove(victim!.port);
  const times: number[] = [];
  const begun = performance.now();
  for (const client of clients)
    client.addEventListener('open', () => times.push(performance.now() - begun), { once: true });
  await victim!.end('SIGKILL');
  while (times.length === 0 || clients.some(({ state }) => state !== 'open')) await pause(20);
  for (const client of clients) client.close();
  await nodes.end();
  ledger.close();
  return times;
}

/** Until it is said that state is lost, and that it is back. */
async function lostState(port: number, fault: 'gone' | 'silent'): Promise<[lost: number[], back: number[]]> {
  const [lost, back]: [number[], number[]] = [[], []];
  for (let i = 0; i < RUNS; i++) {
    const cable = await FaultProxy.listen(port);
    const state = { redis: `redis://127.0.0.1:${cable.port}` };
    const chat = await Chat.open({ config: { state } });
    await pause(500 * Math.random());
    let begun = performance.now();
    if (fault === 'gone') await cable.down();
    else cable.partition();
    await chat.gateway.logged('state.lost');
    lost.push(performance.now() - begun);
    await pause(3_000);
    begun = performance.now();
    if (fault === 'gone') await cable.up();
    else cable.heal();
    await chat.gateway.logged('state.back');
    back.push(performance.now() - begun);
    await chat.close();
    await cable.close();
  }
  return [lost, back];
}

/** Until it is said that a cluster is back, whose master was killed and whose replica has taken over. */
async function failedOver(): Promise<number[]> {
  const back: number[] = [];
  for (let i = 0; i < FAILOVERS; i++) {
    const cluster = await startRedisCluster({ replicas: true });
    const chat = await Chat.open({ config: { state: { redis: `${cluster.url}?timeout=1000` } } });
    await cluster.nodes[0]!.kill();
    await chat.gateway.logged('state.lost');
    await pause(3_000);
    const begun = performance.now();
    await cluster.replicas[0]!.send('CLUSTER', 'FAILOVER', 'TAKEOVER');
    await chat.gateway.logged('state.back');
    back.push(performance.now() - begun);
    await chat.close();
    await cluster.stop();
  }
  return back;
}

/** Until somebody gets in again who asks ten times a second, after an upstream was away for so long. */
async function backUpstream(away: number): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < RUNS; i++) {
    const backend = await RawServer.listen({ echo: true });
    const cable = await FaultProxy.listen(backend.port);
    const chat = await Chat.open({ route: { upstream: { url: `ws://127.0.0.1:${cable.port}` } } });
    await cable.down();
    const until = performance.now() + away;
    let begun = 0;
    for (;;) {
      const answer = await chat.knock();
      if (answer === 'in') break;
      await pause(100);
      if (begun > 0 || performance.now() < until) continue;
      await cable.up();
      begun = performance.now();
    }
    times.push(performance.now() - begun);
    await chat.close();
    await cable.close();
    await backend.close();
  }
  return times;
}

const redis = await startRedis();
console.log('| | half of them within | all within |\n|---|---|---|');
print(
  'a node is killed: its clients are at another one, back-off as it is by default',
  await killedNode(redis.url),
);
for (const fault of ['gone', 'silent'] as const) {
  const [lost, back] = await lostState(redis.port, fault);
  print(`Redis is ${fault}: it is known`, lost);
  print(`Redis was ${fault}, and is back: it is known`, back);
}
print(
  'a master of a Redis cluster was killed, and its replica has taken over: it is known',
  await failedOver(),
);
print('an upstream was away for 2 s, and is back: it is used', await backUpstream(2_000));
print('an upstream was away for 10 s, and is back: it is used', await backUpstream(10_000));
const [node, worker] = [await stillNode(redis.url), await stillWorker()];
print('a node stood still for 30 s, and goes on: all that was said meanwhile is answered', node.caughtUp);
print('one worker of two, the same', worker.caughtUp);
await redis.stop();

const costs = ({ sessions, ended, sent, lost }: Stillness) =>
  `${ended} of ${sessions} sessions ended, ${lost} of ${sent} messages were lost`;
console.log(`\nA node that stood still: ${costs(node)}.`);
console.log(
  `A worker that stood still: ${costs(worker)}; clients of the other one waited ${Math.round(worker.others)} ms at most, ` +
    `and ${worker.waited} of ${worker.newcomers} who came meanwhile waited for it.`,
);
