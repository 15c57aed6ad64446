// OP-10: during an upgrade, one of two gateways that share a store speaks of what the other does not know
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Chat, echoes } from '../support/chat.ts';
import { describeWith } from '../support/programs.ts';
import { type Redis, startRedis } from '../support/redis.ts';

let redis: Redis;
let chat: Chat;

const open = () => Chat.open({ config: { state: { redis: `${redis.url}?timeout=5000` } } });

/** What stands in the store of the first version, and on its bus; it must be read for as long as there are upgrades. */
const now = Date.now();
const WRITTEN = { by: 'subject', value: 'mallory', issuedBefore: now, until: now + 3_600_000, at: now };

/** Says something on the bus as another node would, with the next number. */
function saying(node: string) {
  let number = 0;
  return (channel: string, message: unknown) =>
    redis.send('PUBLISH', 'sallyport:bus:0', JSON.stringify([node, ++number, channel, message]));
}

describeWith('redis-server', 'a gateway', () => {
  beforeEach(async () => {
    redis = await startRedis();
  });
  afterEach(async () => {
    await chat.close();
    await redis.stop();
  });

  it('reads what an earlier one wrote and said', async () => {
    await redis.send('SET', 'sallyport:revocation/of-the-first-version', JSON.stringify(WRITTEN));
    chat = await open();
    const iat = Math.floor(now / 1_000) - 5;
    expect(await chat.knock({ sub: 'mallory', iat })).toMatchObject({ status: 401 });
    const eve = await chat.join({ sub: 'eve', iat });
    await saying('a')('revocations', { ...WRITTEN, value: 'eve' });
    expect((await eve.nextOf('close')).code).toBe(4500);
  });

  it('takes what it understands of a later one, and no harm from the rest', async () => {
    chat = await open();
    const peer = await chat.join();
    const eve = await chat.join({ sub: 'eve', iat: Math.floor(now / 1_000) - 5 });
    const say = saying('of-a-later-version');
    const odd = [null, 7, 'later', [], {}, { kind: 'later', node: 'x' }, { ...WRITTEN, by: 'colour' }];
    for (const channel of ['revocations', 'presence', 'members', 'emergency', 'later'])
      for (const message of odd) await say(channel, message);
    await redis.send(
      'SET',
      'sallyport:revocation/of-no-kind',
      JSON.stringify({ by: 'colour', value: 'red' }),
    );
    const narrower = JSON.stringify({ ...WRITTEN, value: 'eve', scope: 'read' });
    await redis.send('SET', 'sallyport:revocation/that-says-more', narrower);
    await say('revocations', 'written');
    expect((await eve.nextOf('close')).code).toBe(4500);
    await echoes(peer);
    expect(chat.named('gateway.fault')).toEqual([]);
    expect(await redis.send('GET', 'sallyport:revocation/that-says-more')).toBe(narrower);
    await vi.waitFor(async () => expect(await chat.check('state')).toMatchObject({ healthy: true }));
  });
});
