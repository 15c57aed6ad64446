// FL-02
import { describe, expect, it } from 'vitest';
import { binary, close, more, OPEN, text } from '../../test/support/raw-frames.ts';
import { fromClient, fromServer, Wired, wordRoute } from '../../test/support/wired-session.ts';
import { Registry } from './registry.ts';
import { Unfinished } from './unfinished.ts';

const KiB = 1_024;
const turn = () => new Promise((resolve) => setImmediate(resolve));
const ends = ({ client }: Wired) => client.said.findLast((said) => said.startsWith('close'));

function hall(limit: number) {
  const registry = new Registry();
  const unfinished = new Unfinished(registry, () => limit);
  const join = () => new Wired(wordRoute(), {}, { registry, unfinished });
  return { unfinished, join };
}

describe('Unfinished', () => {
  it('counts what is begun, of both sides, and nothing of what is whole', () => {
    const { unfinished, join } = hall(1_048_576);
    const { client, upstream } = join();
    client.hear(fromClient(text('whole'), binary(Buffer.alloc(30_000))));
    expect(unfinished.bytes).toBe(0);
    client.hear(fromClient(text('x'.repeat(10_000), OPEN)));
    upstream.hear(fromServer(binary(Buffer.alloc(20_000), OPEN)));
    expect(unfinished.bytes).toBeGreaterThanOrEqual(30_000);
    expect(unfinished.bytes).toBeLessThanOrEqual(2 * 30_100);
    client.hear(fromClient(more('end')));
    expect(unfinished.bytes).toBeLessThanOrEqual(2 * 20_100);
    upstream.hear(fromServer(more('end')));
    expect(unfinished.bytes).toBe(0);
  });

  it('counts no more than the bytes of what has come in one piece, nor twice those of what came in many', () => {
    const { unfinished, join } = hall(1_048_576);
    const { upstream } = join();
    const message = fromServer(binary(Buffer.alloc(60_000), OPEN));
    upstream.hear(message.subarray(0, 40_000));
    expect(unfinished.bytes).toBe(40_000);
    for (let at = 40_000; at < message.length; at += 1_000) upstream.hear(message.subarray(at, at + 1_000));
    expect(unfinished.bytes).toBeGreaterThanOrEqual(message.length);
    expect(unfinished.bytes).toBeLessThanOrEqual(2 * message.length);
  });

  it.each([
    ['is ended', (wired: Wired) => wired.session.end('session_kicked')],
    [
      'is let go, and closes',
      (wired: Wired) => {
        wired.session.leave('draining');
        wired.client.hear(fromClient(close(1012)));
      },
    ],
    ['breaks a rule', (wired: Wired) => wired.client.hear(fromClient(text('within another')))],
    ['is closed by its client', (wired: Wired) => wired.client.hear(fromClient(close(1000)))],
    [
      'is cut',
      async (wired: Wired) => {
        wired.session.destroy();
        await turn();
      },
    ],
  ])('gets all of it back when a session %s', async (_, end) => {
    const { unfinished, join } = hall(1_048_576);
    const wired = join();
    wired.client.hear(fromClient(text('x'.repeat(10_000), OPEN)));
    expect(unfinished.bytes).toBeGreaterThan(0);
    await end(wired);
    expect(unfinished.bytes).toBe(0);
  });

  it('ends those that hold most when all together hold too much, and no more than it takes', async () => {
    const { unfinished, join } = hall(200 * KiB);
    const small = Array.from({ length: 20 }, join);
    const large = Array.from({ length: 6 }, join);
    for (const { client } of small) client.hear(fromClient(text('x'.repeat(2 * KiB), OPEN)));
    for (const { client } of large) client.hear(fromClient(text('x'.repeat(40 * KiB), OPEN)));
    await turn();
    const ended = large.filter((wired) => ends(wired) === 'close 1013 memory_exceeded').length;
    expect(ended).toBeGreaterThan(0);
    expect(ended).toBeLessThan(6);
    expect(unfinished.bytes).toBeLessThanOrEqual(0.75 * 200 * KiB);
    for (const wired of small) {
      expect(ends(wired)).toBeUndefined();
      wired.client.hear(fromClient(more('!')));
      expect(wired.upstream.said).toHaveLength(2);
    }
  });

  it('ends the older of two that hold the same', async () => {
    const { join } = hall(75 * KiB);
    const [older, younger] = [join(), join()];
    for (const { client } of [older, younger]) client.hear(fromClient(text('x'.repeat(30 * KiB), OPEN)));
    older.session.fromClient.unfinishedSince = 1_000;
    younger.session.fromClient.unfinishedSince = 2_000;
    const third = join();
    third.client.hear(fromClient(text('x'.repeat(20 * KiB), OPEN)));
    await turn();
    expect([older, younger, third].map(ends)).toEqual(['close 1013 memory_exceeded', undefined, undefined]);
  });
});
