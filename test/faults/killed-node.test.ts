// OP-01 OP-07 RS-09
import { once } from 'node:events';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import type { Opened } from '../../src/client/index.ts';
import { LEASE } from '../../src/store/presence-news.ts';
import { type NodeProcess, Nodes } from '../support/node-process.ts';
import { Ledger, sdkClient, Talker } from '../support/numbered.ts';
import { describeWith } from '../support/programs.ts';
import { type Redis, startRedis } from '../support/redis.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let redis: Redis;
let ledger: Ledger;
let nodes: Nodes;

describeWith('redis-server', 'a node', () => {
  beforeEach(async () => {
    [redis, ledger] = await Promise.all([startRedis(), Ledger.listen()]);
    nodes = await Nodes.start({
      count: 2,
      redis: `${redis.url}?timeout=5000`,
      upstream: ledger.url,
      // Deadlines that half a minute of standing still would pass, shortened.
      route: {
        resume: { window: '20s' },
        limits: { perSubject: { connections: 5 } },
        lifetime: { heartbeat: '1s', slowConsumer: '1s', closeTimeout: '1s' },
      },
    });
  });

  afterEach(async () => {
    await redis.stop(); // first: it is there even if the nodes did not start
    ledger.close();
    await nodes.end();
  });

  /** The status of an upgrade that this node refuses; 101 if it lets it in. */
  async function knock(node: NodeProcess): Promise<number> {
    const client = new WebSocket(`wss://localhost:${node.port}/chat`, { ca: nodes.authority, family: 4 });
    const refused = once(client, 'unexpected-response').then(([, { statusCode }]) => Number(statusCode));
    const status = await Promise.race([refused, once(client, 'open').then(() => 101)]);
    client.on('error', () => {}).terminate();
    return status;
  }

  /** Four clients that talk, with the sessions that they were given. */
  async function talk() {
    const opened: Opened[][] = [];
    const talkers = await Promise.all(
      Array.from({ length: 4 }, async (_, i) => {
        const client = sdkClient(nodes.url, nodes.authority);
        const all: Opened[] = [];
        opened.push(all);
        const first = new Promise((resolve) => client.addEventListener('open', resolve, { once: true }));
        client.addEventListener('open', (event) => all.push(event));
        await first;
        return new Talker(`c${i}`, client, 20);
      }),
    );
    return { talkers, opened };
  }

  async function allArrived(talkers: readonly Talker[]): Promise<void> {
    const unsent = await Promise.all(talkers.map((talker) => talker.finish(ledger, 15_000)));
    expect(unsent).toEqual(talkers.map(() => 0));
    for (const { name, sent } of talkers) expect(ledger.distinct(name)).toBe(sent);
  }

  it('that is killed takes its sessions along: each client is told, goes on at the other, and no message is lost', async () => {
    const { talkers, opened } = await talk();
    await vi.waitFor(() => expect(talkers.every(({ name }) => ledger.distinct(name) > 20)).toBe(true));
    const victim = nodes.holder(opened[0]![0]!.session!);
    const survivor = nodes.nodes.find((node) => node !== victim)!;
    const cut = opened.filter(([first]) => nodes.holder(first!.session!) === victim);
    const from = survivor.lines.length;
    await victim.end('SIGKILL');
    const killedAt = performance.now();
    await vi.waitFor(() => expect(cut.every((all) => all.length > 1)).toBe(true), { timeout: 20_000 });
    for (const [, next] of cut) expect(next).toMatchObject({ resumed: false, reason: 'lost' });
    for (const all of opened.filter((each) => !cut.includes(each))) expect(all).toHaveLength(1);

    // The limit is 5. The dead node's seats count until its lease is over, and then no more.
    const late = sdkClient(nodes.url, nodes.authority, { resume: false });
    await new Promise((resolve) => late.addEventListener('open', resolve, { once: true }));
    expect(performance.now() - killedAt).toBeLessThan(20_000);
    const ghosts = survivor.lines
      .slice(from)
      .filter(({ event, code }) => event === 'upgrade.refused' && code === 'connections_exceeded');
    expect(ghosts.length).toBeGreaterThan(0);
    late.close();
    await allArrived(talkers);
  });

  it('that starts again lets in at once whose seats it had; others do not yet', async () => {
    const [victim, other] = nodes.nodes as [NodeProcess, NodeProcess];
    const url = `wss://localhost:${victim.port}/chat`;
    const five = Array.from({ length: 5 }, () => new WebSocket(url, { ca: nodes.authority, family: 4 }));
    await Promise.all(five.map((client) => once(client, 'open')));
    for (const client of five) client.on('error', () => {});
    await vi.waitFor(async () => expect(await knock(other)).toBe(429));
    await victim.end('SIGKILL');
    const killed = performance.now();
    const early = await knock(other);
    if (performance.now() - killed < LEASE / 2) expect(early).toBe(429);
    await victim.start();
    expect(await knock(victim)).toBe(101);
  });

  it('that stood still is as it was before: no session ends, and nothing is lost', async () => {
    const { talkers, opened } = await talk();
    const [first] = nodes.nodes;
    first!.signal('SIGSTOP');
    await new Promise((resolve) => setTimeout(resolve, 3_500)); // longer than every deadline of the route
    first!.signal('SIGCONT');
    await allArrived(talkers);
    for (const all of opened) expect(all).toHaveLength(1);
    for (const { name } of talkers) expect(ledger.repeated(name)).toBe(0);
    const ended = nodes.nodes.flatMap(({ lines }) =>
      lines.filter(({ event, initiator }) => event === 'session.closed' && initiator !== 'client'),
    );
    expect(ended).toEqual([]);
  });
});
