// BP-01, FL-02, FL-17
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, expect, it } from 'vitest';
import { Bench, type BenchPair } from '../support/bench.ts';
import { heldBytes } from '../support/memory.ts';
import { binary, encode, OPEN, ping, text } from '../support/raw-frames.ts';
import type { RawPeer } from '../support/raw-peer.ts';

const KiB = 1_024;
const COUNT = 8;
/** Two messages of the limit, one held and one on its way out, and what the four sockets have read and not handed on. */
const EACH = 512 * KiB;

let bench: Bench;

afterEach(() => bench.close());

async function pairs(): Promise<BenchPair[]> {
  const opened: BenchPair[] = [];
  for (let i = 0; i < COUNT; i++) opened.push(await bench.pair());
  return opened;
}

/** Writes without end, one frame at a time, and resolves when the kernel takes no more for a while. */
async function writeUntilStuck(writers: readonly RawPeer[], frame: Buffer): Promise<void> {
  let taken = 0;
  for (const writer of writers) {
    void (async () => {
      while (await writer.handedOver(frame)) taken++;
    })();
  }
  for (let still = 0, last = 0; still < 10; last = taken) {
    await pause(20);
    still = taken === last && taken > 0 ? still + 1 : 0;
  }
}

it('holds little for a client that never reads, however much its upstream has to say', async () => {
  bench = await Bench.open({});
  const all = await pairs();
  for (const { client } of all) client.pause();
  const before = heldBytes();
  const upstreams = all.map((pair) => pair.upstream);
  await writeUntilStuck(upstreams, encode(binary(Buffer.alloc(60_000)), false));
  expect((heldBytes() - before) / COUNT).toBeLessThan(EACH);
});

it('holds little for an upstream that never reads, however much its client has to say', async () => {
  bench = await Bench.open({ upstream: { reads: false } });
  const all = await pairs();
  const before = heldBytes();
  const clients = all.map((pair) => pair.client);
  await writeUntilStuck(clients, encode(binary(Buffer.alloc(60_000)), true));
  expect((heldBytes() - before) / COUNT).toBeLessThan(EACH);
});

it('holds little for a client that never ends its message', async () => {
  bench = await Bench.open({});
  const all = await pairs();
  const before = heldBytes();
  for (const { client } of all) {
    client.send(text('x'.repeat(60_000), OPEN), ping());
    await client.nextOf('pong'); // all before it has been read
  }
  expect((heldBytes() - before) / COUNT).toBeLessThan(EACH);
});
