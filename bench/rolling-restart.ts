/**
 * `npm run bench:rolling`: three nodes that share a Redis are restarted one after the other with SIGTERM, while clients of
 * `sallyport/client` send numbered messages to a backend that writes them down. Prints what was sent, acknowledged, lost
 * and repeated, and the longest time in which a client was not served. Fails if a message was lost that was acknowledged.
 * `--quick` does a tenth of it.
 */
import { Nodes } from '../test/support/node-process.ts';
import { Ledger } from '../test/support/numbered.ts';
import { startRedis } from '../test/support/redis.ts';
import { rollingRestart } from '../test/support/rolling.ts';

const quick = process.argv.includes('--quick');
const CLIENTS = quick ? 20 : 100;
/** Between two messages of one client, in milliseconds. */
const EVERY = 100;
const WINDOW = quick ? '1s' : '5s';
const SETTLE = quick ? 500 : 3_000; // milliseconds

const [redis, ledger] = await Promise.all([startRedis(), Ledger.listen()]);
const nodes = await Nodes.start({
  count: 3,
  redis: `${redis.url}?timeout=5000`,
  upstream: ledger.url,
  route: { resume: {} },
  config: { drain: { window: WINDOW, returnAfter: '50ms' } },
});
const count = (value: number): string => Math.round(value).toLocaleString('en');
try {
  const figures = await rollingRestart(nodes, ledger, { clients: CLIENTS, every: EVERY, settle: SETTLE });
  const { sent, acknowledged, lost, duplicated, longestGap, resumed, anew, restarts } = figures;
  console.log(`Three nodes, ${count(CLIENTS)} clients, a message each every ${EVERY} ms, drains over ${WINDOW}, Node ${process.versions.node}:

| | |
|---|---|
| messages sent | ${count(sent)} |
| acknowledged | ${count(acknowledged)} |
| acknowledged, and never at the backend | ${count(lost)} |
| at the backend more than once | ${count(duplicated)} |
| longest time between two messages of one client at the backend | ${count(longestGap)} ms |
| connections that came back, to their session / to a new one | ${count(resumed)} / ${count(anew)} |
| a node, from its signal until it serves again | ${restarts.map((ms) => `${(ms / 1_000).toFixed(1)} s`).join(', ')} |
`);
  process.exitCode = lost > 0 || acknowledged < sent ? 1 : 0;
} finally {
  await nodes.end();
  ledger.close();
  await redis.stop();
}
