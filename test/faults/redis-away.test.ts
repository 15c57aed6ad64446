// RL-07 AX-08
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { Chat, echoes } from '../support/chat.ts';
import { FaultProxy } from '../support/fault-proxy.ts';
import { AWAY, LIMIT_ROUTES, limited, passedOf } from '../support/limits-away.ts';
import { describeWith } from '../support/programs.ts';
import { type Redis, startRedis } from '../support/redis.ts';

// What each limit does while nodes cannot count together, as `limits.fail` says; and that they count together afterwards.

let redis: Redis;
let cable: FaultProxy;
let chat: Chat;
/** On a cable of its own: it sees what the server really has. */
let other: Chat;

function open(port: number): Promise<Chat> {
  return Chat.open({
    routes: LIMIT_ROUTES,
    config: { state: { redis: `redis://127.0.0.1:${port}?timeout=1000` } },
  });
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

      expect(await passedOf(chat)).toEqual(AWAY);

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
      const mine = await chat.join({ sub: 'after' }, limited('seats', 'closed'));
      await vi.waitFor(
        async () =>
          expect(await other.knock({ sub: 'after' }, limited('seats', 'closed'))).toMatchObject({
            status: 429,
          }),
        { timeout: 5_000 },
      );
      mine.destroy();
      await echoes(before, 'to the end');
      expect(chat.named('revocation.unshared')).toMatchObject([{ by: 'subject' }]);
      expect(chat.named('gateway.fault')).toEqual([]); // nothing of ours went wrong
    }, 30_000);
  });
});
