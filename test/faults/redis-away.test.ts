// RL-07 AX-08
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { Chat, echoes } from '../support/chat.ts';
import { FaultProxy } from '../support/fault-proxy.ts';
import { describeWith } from '../support/programs.ts';
import { UpgradeRefused } from '../support/raw-client.ts';
import { text } from '../support/raw-frames.ts';
import type { RawPeer } from '../support/raw-peer.ts';
import { type Redis, startRedis } from '../support/redis.ts';

// What each limit does while nodes cannot count together, as `limits.fail` says; and that they count together afterwards.

const FAILS = ['local', 'open', 'closed'] as const;
type Fail = (typeof FAILS)[number];

let redis: Redis;
let cable: FaultProxy;
let chat: Chat;
/** On a cable of its own: it sees what the server really has. */
let other: Chat;

/** A route for each guard and each way to fail. */
const routes = FAILS.flatMap((fail) => [
  {
    name: `rate-${fail}`,
    match: { path: `/rate-${fail}` },
    messages: { onInvalid: 'drop' },
    limits: { perSubject: { messages: '5/h' }, refusals: '1000/s', fail: { rate: fail } },
  },
  {
    name: `seats-${fail}`,
    match: { path: `/seats-${fail}` },
    limits: { perSubject: { connections: 1 }, fail: { connections: fail } },
  },
  {
    name: `quota-${fail}`,
    match: { path: `/quota-${fail}` },
    messages: { onInvalid: 'drop' },
    limits: { quota: { perSubject: { day: { messages: 5 } } }, fail: { quota: fail } },
  },
]);

function open(port: number): Promise<Chat> {
  return Chat.open({ routes, config: { state: { redis: `redis://127.0.0.1:${port}?timeout=1000` } } });
}

const FAULTS: Readonly<Record<string, { begin: () => unknown; end: () => unknown }>> = {
  'gone, every connection reset': { begin: () => cable.down(), end: () => cable.up() },
  'gone, and back without what it had': {
    begin: () => cable.down(),
    end: async () => {
      await redis.send('FLUSHALL');
      await cable.up();
    },
  },
  'cut off, and nobody is told': { begin: () => cable.partition(), end: () => cable.heal() },
  'slow beyond all patience': {
    begin: () => cable.infect('downstream', { latency: { delay: 3_000, jitter: 500 } }),
    end: () => cable.heal(),
  },
  'read-only': {
    begin: () => redis.send('REPLICAOF', '127.0.0.1', '1'),
    end: () => redis.send('REPLICAOF', 'NO', 'ONE'),
  },
};

/** How many of so many messages this gateway lets through, from a client that is alone on the route. */
async function passes(peer: RawPeer, name: string, fail: Fail, count = 10): Promise<number> {
  const labels = { route: `${name}-${fail}`, direction: 'client', outcome: 'forwarded' };
  const before = await chat.metric('sallyport_messages_total', labels);
  for (let i = 0; i < count; i++) peer.send(text(`m${i}`));
  peer.send({ opcode: 9, payload: Buffer.from('all judged?') });
  await peer.nextOf('pong');
  return (await chat.metric('sallyport_messages_total', labels)) - before;
}

const at = (name: string, fail: Fail) => ({ path: `/${name}-${fail}` });

/** Comes in and stays; the status where it is refused. */
async function stay(sub: string, name: string, fail: Fail): Promise<RawPeer | number> {
  try {
    return await chat.join({ sub }, at(name, fail));
  } catch (error) {
    if (error instanceof UpgradeRefused) return error.status;
    throw error;
  }
}

describeWith('redis-server', 'a gateway whose Redis is', () => {
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());

  beforeEach(async () => {
    await redis.send('FLUSHALL');
    cable = await FaultProxy.listen(redis.port);
    [chat, other] = await Promise.all([open(cable.port), open(redis.port)]);
  });

  afterEach(async () => {
    await redis.send('REPLICAOF', 'NO', 'ONE');
    cable.heal();
    await cable.up();
    await chat.close();
    await other.close();
    await cable.close();
  });

  describe.each(Object.entries(FAULTS))('%s', (_name, { begin, end }) => {
    it('keeps to `fail` in every limit, keeps its sessions and revocations, says so, and is well afterwards', async () => {
      const before = await chat.join();
      await echoes(before);
      await begin();
      await echoes(before, 'nobody waits for the store'); // while it is not known yet
      await chat.gateway.logged('state.lost');
      expect(await chat.check('state')).toMatchObject({ healthy: false });
      expect((await chat.ask('GET', '/health/ready')).status).toBe(200);

      const passed: Record<string, unknown> = {};
      for (const fail of FAILS) {
        const sub = `during-${fail}`;
        const talker = await chat.join({ sub }, at('rate', fail));
        await passes(talker, 'rate', fail, 1); // it is known to this limit now that nobody can be asked
        passed[`rate ${fail}`] = await passes(talker, 'rate', fail);
        const seats = [await stay(sub, 'seats', fail), await stay(sub, 'seats', fail)];
        passed[`seats ${fail}`] = seats.map((seat) => (typeof seat === 'number' ? seat : 'in'));
        const quoted = await stay(sub, 'quota', fail);
        passed[`quota ${fail}`] = typeof quoted === 'number' ? quoted : await passes(quoted, 'quota', fail);
      }
      expect(passed).toEqual({
        'rate local': 4, // and the first one above
        'rate open': 10,
        'rate closed': 0,
        'seats local': ['in', 429],
        'seats open': ['in', 'in'],
        'seats closed': [503, 503],
        'quota local': 5,
        'quota open': 10,
        'quota closed': 429,
      });

      // A revocation is in force here at once, and where it cannot be told, afterwards.
      const iat = Math.floor(Date.now() / 1_000) - 5;
      const [doomed, there] = [await chat.join({ sub: 'eve', iat }), await other.join({ sub: 'eve', iat })];
      expect((await chat.ask('POST', '/revocations', { by: 'subject', value: 'eve' })).status).toBe(500);
      expect((await doomed.nextOf('close')).code).toBe(4500);
      await echoes(before, 'still here');

      await end();
      await chat.gateway.logged('state.back');
      expect((await there.nextOf('close')).code).toBe(4500);
      await vi.waitFor(async () => expect(await chat.check('state')).toMatchObject({ healthy: true }), {
        timeout: 10_000,
      });
      // Both count together again.
      const mine = await chat.join({ sub: 'after' }, at('seats', 'closed'));
      await vi.waitFor(
        async () =>
          expect(await other.knock({ sub: 'after' }, at('seats', 'closed'))).toMatchObject({ status: 429 }),
        { timeout: 5_000 },
      );
      mine.destroy();
      await echoes(before, 'to the end');
    }, 30_000);
  });
});
