import { describe, expect, it, vi } from 'vitest';
import { LocalBus } from '../store/bus.ts';
import { systemClock } from '../store/clock.ts';
import { MemoryStore } from '../store/memory-store.ts';
import { type Json, StoreError } from '../store/store.ts';
import { Channel, type Message, type Pipe } from './channel.ts';
import { FallbackBus } from './fallback-bus.ts';
import { LentStore, lend } from './lent-store.ts';
import { Switchboard } from './switchboard.ts';
import { WorkerBus } from './worker-bus.ts';

/** Two ends of a pipe, as processes have them: what goes in comes out later, as a copy. */
function pipes(): [Pipe, Pipe] {
  const hearers: ((message: unknown) => void)[] = [];
  const end = (own: number): Pipe => ({
    send: (message: Message, done) => {
      const copy = structuredClone(message);
      setImmediate(() => hearers[1 - own]?.(copy));
      done(null);
    },
    onMessage: (hear) => {
      hearers[own] = hear;
    },
  });
  return [end(0), end(1)];
}

/** A supervisor's bus and store, and workers on them. */
function machine(behind = new LocalBus()) {
  const store = new MemoryStore(systemClock);
  const receivers: { news(channel: string, message: Json): void; gap(): void }[] = [];
  const switchboard = new Switchboard(behind, () => receivers);
  const worker = () => {
    const [ours, theirs] = pipes();
    const supervisor = new Channel(ours, {
      ask: (method, args) =>
        method === 'store'
          ? lend(store, args)
          : switchboard.publish(String(args[0]), args[1] as Json).then(() => undefined),
      note: (_name, [channel]) => switchboard.subscribe(String(channel)),
    });
    receivers.push({
      news: (channel, message) => supervisor.note('news', channel, message),
      gap: () => supervisor.note('gap'),
    });
    const channel: Channel = new Channel(theirs, {
      ask: async () => undefined,
      note: (name, [on, message]) => (name === 'gap' ? bus.gap() : bus.hear(String(on), message as Json)),
    });
    const bus: WorkerBus = new WorkerBus(channel);
    return { bus, channel, store: new LentStore(channel) };
  };
  return { worker, behind, supervisor: store };
}

describe('the bus of workers', () => {
  it('tells all of them, the one that published as well, in one order', async () => {
    const { worker } = machine();
    const heard: Json[][] = [[], [], []];
    const workers = heard.map((list) => {
      const each = worker();
      each.bus.subscribe('kicks', (message) => list.push(message));
      return each;
    });
    await Promise.all(
      workers.flatMap(({ bus }, number) => [1, 2, 3].map((i) => bus.publish('kicks', `${number}.${i}`))),
    );
    await vi.waitFor(() => expect(heard.map(({ length }) => length)).toEqual([9, 9, 9]));
    expect(heard[1]).toEqual(heard[0]);
    expect(heard[2]).toEqual(heard[0]);
    for (const number of [0, 1, 2])
      expect(heard[0]!.filter((each) => String(each).startsWith(`${number}.`))).toEqual(
        [1, 2, 3].map((i) => `${number}.${i}`),
      );
  });

  it('brings what other nodes say, and says when something may be missing', async () => {
    class FarBus extends LocalBus {
      lose(): void {
        this.missed();
      }
    }
    const far = new FarBus();
    const { worker } = machine(far);
    const { bus } = worker();
    const [hear, gap] = [vi.fn(), vi.fn()];
    bus.subscribe('revocations', hear);
    bus.onGap(gap);
    await new Promise((resolve) => setImmediate(resolve));
    await far.publish('revocations', { by: 'subject' });
    far.lose();
    await vi.waitFor(() => expect(gap).toHaveBeenCalledTimes(1));
    expect(hear).toHaveBeenCalledWith({ by: 'subject' });
  });

  it('says so when nobody can be told', async () => {
    const { worker } = machine();
    const { bus, channel } = worker();
    channel.close('the supervisor has gone');
    await expect(bus.publish('kicks', 1)).rejects.toThrow(StoreError);
  });

  it('stands in for one of many nodes while that one cannot be reached', async () => {
    const { worker } = machine();
    const [here, there] = [worker(), worker()];
    const far = new LocalBus();
    far.publish = async () => {
      throw new StoreError('is away');
    };
    const heard = vi.fn();
    new FallbackBus(new LocalBus(), there.bus).subscribe('revocations', heard);
    await expect(new FallbackBus(far, here.bus).publish('revocations', 1)).rejects.toThrow('is away');
    await vi.waitFor(() => expect(heard).toHaveBeenCalledWith(1));
  });
});

describe('the store of workers without one', () => {
  it('is the same for all of them', async () => {
    const { worker } = machine();
    const [one, other] = [worker().store, worker().store];
    expect(await Promise.all([one.add('ticket/1', { to: 'ada' }), other.add('ticket/1', 2)])).toEqual([
      true,
      false,
    ]);
    expect(await Promise.all([one.take('ticket/1'), other.take('ticket/1')])).toEqual([
      { to: 'ada' },
      undefined,
    ]);
    await one.set('a/1', 1, 60_000);
    await other.increment('a/2', 3, { most: 5 });
    expect(await one.list('a/')).toEqual([
      ['a/1', 1],
      ['a/2', 3],
    ]);
    await other.delete('a/1');
    expect(await one.get('a/1')).toBeUndefined();
  });

  it('fails as a store does when the supervisor has gone, and says so', async () => {
    const { worker } = machine();
    const { store, channel } = worker();
    channel.close('has gone');
    await expect(store.get('a')).rejects.toThrow(StoreError);
    expect(store.trouble).toBe('the supervisor has gone');
  });

  it('can do nothing else for a worker', async () => {
    await expect(lend(new MemoryStore(systemClock), ['close'])).rejects.toThrow(RangeError);
    await expect(lend(new MemoryStore(systemClock), ['constructor'])).rejects.toThrow(RangeError);
  });
});
