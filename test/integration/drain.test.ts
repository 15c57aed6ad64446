import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { readCloseReason } from '../../src/protocol/close-advice.ts';
import { Chat, echoes } from '../support/chat.ts';
import { UpgradeRefused } from '../support/raw-client.ts';
import { encodeAll, text } from '../support/raw-frames.ts';
import type { RawPeer } from '../support/raw-peer.ts';

let chat: Chat;

beforeEach(async () => {
  chat = await Chat.open();
});
afterEach(() => chat.close());

const joinMany = (count: number): Promise<RawPeer[]> =>
  Promise.all(Array.from({ length: count }, (_, i) => chat.join({ sub: `p${i}` })));

const textsOf = ({ received }: RawPeer): number => received.filter(({ kind }) => kind === 'text').length;

describe('a drain', () => {
  // HS-47
  it('admits nobody new, and spreads their return', async () => {
    const [peer] = await joinMany(1);
    peer!.pause(); // its answer to the Close is what the drain waits for
    void chat.gateway.gateway.drain({ window: 1 });
    const answers = [];
    for (let i = 0; i < 20; i++) answers.push(await chat.knock());
    const waits = answers.map((answer) => {
      expect(answer).toBeInstanceOf(UpgradeRefused);
      const { status, headers } = answer as UpgradeRefused;
      expect([status, headers.get('connection')]).toEqual([503, 'close']);
      return Number(headers.get('retry-after'));
    });
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(1);
    expect(new Set(waits).size).toBeGreaterThan(2);
    expect((await chat.ask('GET', '/health/ready')).status).toBe(503);
    expect((await chat.ask('GET', '/health/live')).status).toBe(200);
    expect(chat.named('upgrade.refused').map(({ code }) => code)).toEqual(Array(20).fill('draining'));
    peer!.resume();
  });

  // OP-03
  it('closes sessions one after another over the window, and each works until its turn', async () => {
    const peers: RawPeer[] = [];
    for (let i = 0; i < 12; i++) peers.push(await chat.join({ sub: `p${i}` }));
    const last = peers.at(-1)!; // it has the whole window
    let closed = 0;
    const ends = peers.map((peer) => peer.closed().finally(() => closed++));
    const drained = chat.gateway.gateway.drain({ window: 1_500 });
    const seen = new Set<number>();
    while (!last.ended) {
      const before = closed;
      const served = await echoes(last).then(
        () => true,
        () => false,
      );
      if (served) seen.add(before);
    }
    expect(seen.size).toBeGreaterThan(3);
    for (const end of await Promise.all(ends)) {
      expect(end).toMatchObject({ code: 1012, how: 'fin' });
      expect(readCloseReason(String(end.reason))).toMatchObject({
        name: 'draining',
        after: expect.any(Number),
      });
    }
    await drained;
    expect(chat.named('drain.started')).toMatchObject([{ sessions: 12, seconds: 1.5 }]);
    expect(chat.named('drain.finished')).toMatchObject([{ closed: 12, left: 0 }]);
  });

  it('loses nothing that the gateway had taken', async () => {
    const peers = await joinMany(5);
    const inside = await Promise.all(peers.map(() => chat.upstream.next()));
    const burst = encodeAll(
      Array.from({ length: 500 }, (_, i) => text(`message ${i} ${'x'.repeat(200)}`)),
      true,
    );
    for (const peer of peers) peer.write(burst);
    await inside[0]!.until(({ received }) => received.length > 0, 'the first message');
    await chat.gateway.gateway.drain({ window: 0 });
    await Promise.all(peers.map((peer) => peer.closed()));
    const ends = chat.named('session.closed');
    const sum = (field: 'received' | 'sent') => ends.reduce((all, line) => all + Number(line[field]), 0);
    expect(ends).toHaveLength(5);
    expect(inside.reduce((all, peer) => all + textsOf(peer), 0)).toBe(sum('received'));
    expect(peers.reduce((all, peer) => all + textsOf(peer), 0)).toBe(sum('sent'));
  });

  it('delivers what the backend answers to those who have asked, and takes no more questions', async () => {
    await chat.close();
    chat = await Chat.open({ upstream: {} });
    const peers = await joinMany(4);
    const inside = await Promise.all(peers.map(() => chat.upstream.next()));
    for (const peer of peers) peer.send(text('asked in time'));
    for (const upstream of inside) await upstream.nextOf('text');
    const drained = chat.gateway.gateway.drain({ window: 0 });
    for (const peer of peers) peer.send(text('asked too late'));
    for (const upstream of inside) upstream.send(text('answered'));
    await drained;
    for (const peer of peers) {
      expect(await peer.closed()).toMatchObject({ code: 1012, how: 'fin' });
      expect(peer.received.map(({ kind }) => kind)).toEqual(['text', 'close']);
    }
    // Without an answer, but not lost: it was sent before the Close was seen.
    for (const upstream of inside) {
      await upstream.closed();
      expect(upstream.received.map(({ kind }) => kind)).toEqual(['text', 'text', 'close']);
    }
  });

  it('is over at its deadline, and cuts who is left', async () => {
    await chat.close();
    chat = await Chat.open({ config: { drain: { window: '100ms', grace: '100ms', deadline: '500ms' } } });
    const peers = await joinMany(3);
    peers[0]!.pause(); // never answers its Close
    const [one, two, three] = peers.map((peer) => peer.closed());
    await chat.gateway.gateway.drain();
    expect(chat.named('drain.finished')).toMatchObject([{ closed: 2, left: 1 }]);
    peers[0]!.resume();
    expect(await two).toMatchObject({ code: 1012 });
    expect(await three).toMatchObject({ code: 1012 });
    await one;
  });

  it('happens once, however often it is asked for, and can be cut short', async () => {
    const peers = await joinMany(3);
    const abort = new AbortController();
    const { gateway } = chat.gateway;
    const first = gateway.drain({ window: 3_600_000, signal: abort.signal });
    expect(gateway.drain({ window: 0 })).toBe(first);
    await chat.gateway.logged('session.closed'); // the first of them goes at once
    abort.abort();
    await first;
    for (const peer of peers) expect(await peer.closed()).toMatchObject({ code: 1012 });
    expect(chat.named('drain.started')).toHaveLength(1);
  });
});

describe('closing', () => {
  it('cuts who is left, and the record has the end of each', async () => {
    const peers = await joinMany(8);
    await chat.gateway.gateway.close();
    for (const peer of peers) expect(await peer.closed()).toMatchObject({ code: 1006 });
    expect(chat.named('session.closed')).toHaveLength(8);
    expect(chat.named('gateway.stopped')).toMatchObject([{ sessions: 8 }]);
    expect(chat.log.at(-1)!.event).toBe('gateway.stopped');
    await vi.waitFor(() => expect(chat.upstream.open).toBe(0)); // no upstream is left dangling
  });

  it('can be asked for twice', async () => {
    const { gateway } = chat.gateway;
    await Promise.all([gateway.close(), gateway.close()]);
    await gateway.closed;
    expect(chat.named('gateway.stopped')).toHaveLength(1);
  });
});
