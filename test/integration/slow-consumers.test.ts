// BP-02, BP-04, BP-05, FL-17: a thousand clients that never read cost a bounded piece of memory each, and the one that
// reads gets all that it is sent. How long that takes is measured by `npm run bench:storm`.
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, expect, it, vi } from 'vitest';
import { HIGH_WATER } from '../../src/session/leg.ts';
import { Bench, type BenchPair } from '../support/bench.ts';
import { heldBytes } from '../support/memory.ts';
import { binary, encode, text } from '../support/raw-frames.ts';

const COUNT = 1_000;
const MESSAGES = 2_000;
const message = encode(binary(Buffer.alloc(60_000)), false);
/** The most that is read of an upstream at once, in bytes. */
const READ = 65_536;
/**
 * The most that may be held for a client that does not read, in bytes. While no more waits than the high-water mark, the
 * upstream is read once more: that ends a message, and brings what lies behind its end. What came in pieces lies in
 * memory of up to twice its size; what came in one has its own.
 */
const EACH = 2 * (HIGH_WATER + message.length) + READ;

let bench: Bench;

/** Each upstream writes until the kernel takes no more for a while: the gateway has stopped reading it. */
async function writeUntilStuck(pairs: readonly BenchPair[]): Promise<void> {
  let taken = 0;
  for (const { upstream } of pairs) {
    void (async () => {
      while (await upstream.handedOver(message)) taken++;
    })();
  }
  for (let still = 0, last = 0; still < 5; last = taken) {
    await pause(20);
    still = taken === last && taken > 0 ? still + 1 : 0;
  }
}

afterEach(() => bench.close());

it('a thousand that never read do not keep one that reads from anything', { timeout: 240_000 }, async () => {
  bench = await Bench.open({ lifetime: { slowConsumer: '1h', heartbeat: '1h' } });
  const deaf: BenchPair[] = [];
  for (let i = 0; i < COUNT; i++) {
    const pair = await bench.pair();
    pair.client.pause();
    deaf.push(pair);
  }
  const reader = await bench.pair();
  const before = heldBytes();
  for (let from = 0; from < COUNT; from += 50) await writeUntilStuck(deaf.slice(from, from + 50));
  for (let i = 0; i < MESSAGES; i++) {
    reader.upstream.send(text(`message ${i}`));
    expect((await reader.client.next()).payload.toString()).toBe(`message ${i}`);
  }
  // The clients are in this process too, and Node reads a little ahead for each.
  const ahead = deaf.reduce((sum, { client }) => sum + client.socket.readableLength, 0);
  expect((heldBytes() - before - ahead) / COUNT).toBeLessThan(EACH);
  expect(deaf.filter(({ client }) => client.ended)).toEqual([]);
});

it('each of them is closed when its time is over, and the one that reads is not', {
  timeout: 60_000,
}, async () => {
  bench = await Bench.open({ lifetime: { slowConsumer: '500ms', closeTimeout: '200ms' } });
  const deaf: BenchPair[] = [];
  for (let i = 0; i < 20; i++) {
    const pair = await bench.pair();
    pair.client.pause();
    deaf.push(pair);
  }
  const reader = await bench.pair();
  await writeUntilStuck(deaf);
  const ends = () => bench.log.filter(({ event }) => event === 'session.closed');
  await vi.waitFor(() => expect(ends()).toHaveLength(20), 30_000);
  expect(new Set(ends().map(({ code, close }) => `${close} ${code}`))).toEqual(
    new Set(['1013 slow_consumer']),
  );
  reader.upstream.send(text('still here'));
  expect((await reader.client.next()).payload.toString()).toBe('still here');
  for (const { client } of deaf) client.destroy();
});
