// RL-07: what passes of a limit over several nodes is within its bound
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { HOLD } from '../../src/store/leases.ts';
import { Chat } from '../support/chat.ts';
import { describeWith } from '../support/programs.ts';
import { text } from '../support/raw-frames.ts';
import type { RawPeer } from '../support/raw-peer.ts';
import { type Redis, startRedis } from '../support/redis.ts';

const NODES = 3;
/** Messages at once, and a second. */
const BURST = 20;
const RATE = 40;
const QUOTA = 300;
/** What one node leases of that quota at a time: the least that it ever does. */
const LEASE = 32;

let redis: Redis;
let nodes: Chat[];

const routes = [
  {
    name: 'rate',
    match: { path: '/rate' },
    messages: { onInvalid: 'drop' },
    limits: { perSubject: { messages: `${RATE}/s`, burst: BURST }, refusals: '1000000/s' },
  },
  { name: 'seats', match: { path: '/seats' }, limits: { perSubject: { connections: 5 } } },
  {
    name: 'quota',
    match: { path: '/quota' },
    messages: { onInvalid: 'drop' },
    limits: { quota: { perSubject: { day: { messages: QUOTA } } } },
  },
];

/** So many messages of all nodes' clients have been let through on this route. */
async function forwarded(route: string): Promise<number> {
  const labels = { route, direction: 'client', outcome: 'forwarded' };
  const counts = await Promise.all(nodes.map((node) => node.metric('sallyport_messages_total', labels)));
  return counts.reduce((sum, count) => sum + count, 0);
}

/** Sends so many, and resolves when all have been judged. */
async function send(peer: RawPeer, count: number): Promise<void> {
  for (let i = 0; i < count; i++) peer.send(text('m'));
  peer.send({ opcode: 9, payload: Buffer.from('all judged?') });
  await peer.nextOf('pong');
}

const joinAll = (path: string): Promise<RawPeer[]> =>
  Promise.all(nodes.map((node) => node.join({ sub: 'ada' }, { path })));

describeWith('redis-server', 'over three nodes', () => {
  beforeEach(async () => {
    redis = await startRedis();
    const state = { redis: `${redis.url}?timeout=5000` };
    nodes = await Promise.all(Array.from({ length: NODES }, () => Chat.open({ routes, config: { state } })));
  });

  afterEach(async () => {
    for (const node of nodes) await node.close();
    await redis.stop();
  });

  it('a rate passes what it says in any window, and never more than its bound', async () => {
    const peers = await joinAll('/rate');
    const marks: { at: number; passed: number }[] = [{ at: performance.now(), passed: 0 }];
    while (performance.now() - marks[0]!.at < 2_500) {
      await Promise.all(peers.map((peer) => send(peer, 10)));
      const passed = await forwarded('rate');
      marks.push({ at: performance.now(), passed });
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    for (const [i, from] of marks.entries()) {
      // What was counted at a mark may have passed as early as the mark before it.
      const begun = marks[Math.max(0, i - 1)]!.at;
      for (const to of marks.slice(i)) {
        const most = (NODES + 1) * BURST + (RATE * (to.at - begun + HOLD)) / 1_000;
        expect(to.passed - from.passed).toBeLessThanOrEqual(most);
      }
    }
    // And they do get what is theirs: a burst, and the rate from then on.
    expect(marks.at(-1)!.passed).toBeGreaterThan(BURST + RATE);
  });

  it('seats are counted together: the sixth finds none at any node, until one is free', async () => {
    const path = '/seats';
    const peers: RawPeer[] = [];
    for (let i = 0; i < 5; i++) peers.push(await nodes[i % NODES]!.join({ sub: 'ada' }, { path }));
    for (const node of nodes)
      await vi.waitFor(
        async () => expect(await node.knock({ sub: 'ada' }, { path })).toMatchObject({ status: 429 }),
        { timeout: 5_000 },
      );
    expect(await nodes[0]!.knock({ sub: 'bob' }, { path })).toBe('in');
    peers[0]!.destroy();
    await vi.waitFor(async () => expect(await nodes[2]!.knock({ sub: 'ada' }, { path })).toBe('in'), {
      timeout: 5_000,
    });
  });

  it('a quota passes what it says, and less than a lease more for each node but one', async () => {
    const peers = await joinAll('/quota');
    const most = QUOTA + (NODES - 1) * LEASE;
    // Small steps, so that leases have time to come, and much more than the quota in all.
    for (let round = 0; round < 20; round++) await Promise.all(peers.map((peer) => send(peer, 10)));
    const passed = await forwarded('quota');
    expect(passed).toBeGreaterThanOrEqual(QUOTA);
    expect(passed).toBeLessThanOrEqual(most);
    // Who comes anew is told when the next day begins.
    const late = await nodes[1]!.knock({ sub: 'ada' }, { path: '/quota' });
    expect(late).toMatchObject({ status: 429 });
  });
});
