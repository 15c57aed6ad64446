import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LocalBus } from './bus.ts';
import { Members, type Respond } from './members.ts';
import { LEASE } from './presence-news.ts';
import { type Json, StoreError } from './store.ts';

/** A bus that can be away. */
class BrokenBus extends LocalBus {
  trouble = false;

  override async publish(channel: string, message: Json): Promise<void> {
    await super.publish(channel, message);
    if (this.trouble) throw new StoreError('away');
  }
}

describe('Members', () => {
  let bus: BrokenBus;
  const opened: Members[] = [];
  const clock = { now: () => Date.now(), monotonic: () => Date.now() };

  /** A process by the name of its gateway and the number of its worker: `b2`. */
  function member(
    name: string,
    respond: Respond = (method, args) => [name, method, ...(args as Json[])],
  ): Members {
    const [gateway, worker] = [name[0]!, Number(name[1])];
    const place = { gateway, node: `web-${gateway}`, ...(worker > 0 && { worker }) };
    const members = new Members({ bus, clock, node: name, place }, respond);
    opened.push(members);
    members.start();
    return members;
  }

  beforeEach(() => {
    vi.useFakeTimers();
    bus = new BrokenBus();
  });
  afterEach(() => {
    for (const each of opened.splice(0)) each.stop();
    vi.useRealTimers();
  });

  it('asks all processes of other gateways, and none of its own', async () => {
    member('a1');
    const asker = member('a2');
    member('b1');
    member('b2');
    member('c0');
    const { values, missing } = await asker.ask('greet', ['hello', 7]);
    expect(values).toEqual(['b1', 'b2', 'c0'].map((name) => [name, 'greet', 'hello', 7]));
    expect(missing).toEqual([]);
  });

  it('has nobody to wait for where there are no others', async () => {
    expect(await member('a1').ask('greet', [])).toEqual({ values: [], missing: [] });
  });

  it('names who is late, and waits no longer', async () => {
    const asker = member('a0');
    member('b2', () => new Promise(() => {}));
    member('c0');
    const asked = asker.ask('greet', []);
    await vi.advanceTimersByTimeAsync(1_999);
    await expect(Promise.race([asked, 'open'])).resolves.toBe('open');
    await vi.advanceTimersByTimeAsync(1);
    expect(await asked).toEqual({
      values: [['c0', 'greet']],
      missing: ['worker 2 of node web-b has not answered within 2 s'],
    });
  });

  it('names who fails, with the reason', async () => {
    const asker = member('a0');
    member('b0', () => {
      throw new RangeError('too many revocations');
    });
    expect(await asker.ask('enforce', [])).toEqual({
      values: [],
      missing: ['node web-b has failed: too many revocations'],
    });
  });

  it('says that nobody can be asked while the bus is away', async () => {
    const asker = member('a0');
    bus.trouble = true;
    expect(await asker.ask('greet', [])).toEqual({
      values: [],
      missing: ['other nodes cannot be asked: away'],
    });
  });

  it('forgets who has left at once, who was killed after the lease, and who was seen to end at once', async () => {
    const asker = member('a0');
    member('b0').stop();
    expect(await asker.ask('greet', [])).toEqual({ values: [], missing: [] });

    // It says it is there, and never again.
    const place = { gateway: 'd', node: 'web-d' };
    await bus.publish('members', { from: 'd0', place, asks: false });
    const asked = asker.ask('greet', []);
    await vi.advanceTimersByTimeAsync(2_000);
    expect((await asked).missing).toEqual(['node web-d has not answered within 2 s']);
    await vi.advanceTimersByTimeAsync(LEASE);
    expect(await asker.ask('greet', [])).toEqual({ values: [], missing: [] });

    await bus.publish('members', { from: 'd0', place, asks: false });
    member('b1').bury('d0');
    expect((await asker.ask('greet', [])).missing).toEqual([]);
  });

  it('knows at once who was there before, and takes no other messages for any', async () => {
    member('b0');
    const late = member('a0');
    for (const message of [
      'x',
      { from: 'c0' },
      { from: 'c0', place: { gateway: 'c' }, asks: false },
      { from: 'b0', to: 'a0', question: 9, value: 1 },
    ])
      await bus.publish('members', message);
    expect((await late.ask('greet', [])).values).toEqual([['b0', 'greet']]);
  });
});
