import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LocalBus } from './bus.ts';
import { Presence, type Seat } from './presence.ts';
import { LEASE, PresenceNews } from './presence-news.ts';
import type { Json } from './store.ts';

/** A bus that loses news on request. */
class LossyBus extends LocalBus {
  loses = false;

  override async publish(channel: string, message: Json): Promise<void> {
    if (!this.loses) await super.publish(channel, message);
  }

  gap(): void {
    this.missed();
  }
}

class Node {
  readonly presence = new Presence();
  readonly news: PresenceNews;

  constructor(node: string, bus: LossyBus) {
    const clock = { now: () => Date.now(), monotonic: () => Date.now() };
    this.news = new PresenceNews({ presence: this.presence, bus, node, clock });
    this.news.start();
  }

  count(subject = 'alice'): number {
    return this.presence.count('subject', 'chat', subject);
  }
}

const seat = (id: string, subject = 'alice'): Seat => {
  return { id, route: 'chat', address: '192.0.2.1', subject, tenant: undefined };
};

describe('seats on several nodes', () => {
  let bus: LossyBus;
  let nodes: Node[];

  beforeEach(() => {
    vi.useFakeTimers();
    bus = new LossyBus();
    nodes = ['a', 'b', 'c'].map((name) => new Node(name, bus));
  });

  afterEach(() => {
    for (const { news } of nodes) news.stop();
    vi.useRealTimers();
  });

  const counts = (subject?: string): number[] => nodes.map((node) => node.count(subject));

  it('are counted together', () => {
    nodes[0]!.presence.enter(seat('1'));
    nodes[1]!.presence.enter(seat('2'));
    expect(counts()).toEqual([1, 1, 0]);
    vi.advanceTimersByTime(20);
    expect(counts()).toEqual([2, 2, 2]);
    nodes[1]!.presence.leave(seat('2'));
    vi.advanceTimersByTime(20);
    expect(counts()).toEqual([1, 1, 1]);
  });

  it('are known to a node that starts later, however many there are', () => {
    for (let i = 0; i < 2_500; i++) nodes[0]!.presence.enter(seat(`${i}`, `user ${i}`));
    vi.advanceTimersByTime(20);
    nodes.push(new Node('d', bus));
    expect(nodes[3]!.presence.count('route', 'chat', '')).toBe(2_500);
    expect(counts('user 2499')).toEqual([1, 1, 1, 1]);
  });

  it('of a process that was seen to end are free at once, everywhere, whatever of its news comes late', async () => {
    nodes[0]!.presence.enter(seat('1'));
    nodes[1]!.presence.enter(seat('2'));
    vi.advanceTimersByTime(20);
    nodes[0]!.presence.changed = undefined; // it has been killed
    nodes[1]!.news.bury('a');
    expect([nodes[1]!.count(), nodes[2]!.count()]).toEqual([1, 1]);
    const counts: Json = [['subject\0chat\0alice', 1]];
    await bus.publish('presence', { node: 'a', number: 99, whole: true, counts });
    expect([nodes[1]!.count(), nodes[2]!.count()]).toEqual([1, 1]);
    await bus.publish('presence', { node: 'c', ended: 'b' }); // of itself it knows better
    expect(nodes[1]!.count()).toBe(1);
  });

  it('of a node that was killed are gone after its lease, and not before', () => {
    nodes[0]!.presence.enter(seat('1'));
    nodes[1]!.presence.enter(seat('2'));
    vi.advanceTimersByTime(20);
    const [dead] = nodes;
    dead!.presence.changed = undefined;
    // Its timers and ears go with it; nothing says goodbye.
    const silent = bus.loses;
    bus.loses = true;
    dead!.news.stop();
    bus.loses = silent;
    vi.advanceTimersByTime(LEASE - 2_100);
    expect(counts().slice(1)).toEqual([2, 2]);
    vi.advanceTimersByTime(4_100);
    expect(counts().slice(1)).toEqual([1, 1]);
  });

  it('of a node that says goodbye are gone at once', () => {
    nodes[0]!.presence.enter(seat('1'));
    vi.advanceTimersByTime(20);
    nodes[0]!.news.stop();
    expect(counts().slice(1)).toEqual([0, 0]);
  });

  it('are right again after news was lost', () => {
    bus.loses = true;
    nodes[0]!.presence.enter(seat('1'));
    vi.advanceTimersByTime(100);
    bus.loses = false;
    expect(counts()).toEqual([1, 0, 0]);
    vi.advanceTimersByTime(2_100); // the next heartbeat shows the gap
    expect(counts()).toEqual([1, 1, 1]);
  });

  it('are told anew where the bus itself says that there was a gap', () => {
    bus.loses = true;
    nodes[0]!.presence.enter(seat('1'));
    vi.advanceTimersByTime(100);
    bus.loses = false;
    bus.gap();
    expect(counts()).toEqual([1, 1, 1]);
  });

  it('are kept by each for itself while nothing is heard of others', () => {
    nodes[0]!.presence.enter(seat('1'));
    vi.advanceTimersByTime(20);
    bus.loses = true;
    vi.advanceTimersByTime(LEASE + 2_000);
    expect(counts()).toEqual([1, 0, 0]);
    bus.loses = false;
    bus.gap();
    expect(counts()).toEqual([1, 1, 1]);
  });

  it('are not changed by news that is none', async () => {
    const nonsense: Json[] = [
      null,
      1,
      'x',
      [],
      {},
      { node: 'x', number: 1, whole: true, counts: [['k', -1]] },
    ];
    for (const each of nonsense) await bus.publish('presence', each);
    expect(counts()).toEqual([0, 0, 0]);
  });
});
