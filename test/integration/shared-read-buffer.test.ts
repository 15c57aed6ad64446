// All upstream sockets read into one buffer: what a slow client has not taken must not be overwritten by others.
import { expect, it } from 'vitest';
import { Bench } from '../support/bench.ts';
import { binary, encode } from '../support/raw-frames.ts';

const MESSAGES = 600;
const SIZE = 10_000;

const payload = (pair: number, message: number) => Buffer.alloc(SIZE, `${pair}:${message};`);

it('delivers every byte to clients that read late, while others are written to', async () => {
  const bench = await Bench.open({ lifetime: { slowConsumer: '1m' } });
  const pairs = await Promise.all(Array.from({ length: 4 }, () => bench.pair()));
  for (const { client } of pairs) client.pause();
  for (let message = 0; message < MESSAGES; message++) {
    pairs.forEach(({ upstream }, pair) => {
      upstream.write(encode(binary(payload(pair, message)), false));
    });
    if (message % 50 === 0) await new Promise((next) => setImmediate(next));
  }
  for (const { client } of pairs) client.resume();
  // Not the pair's own numbers: `bench.pair()` numbers them as they are opened, and so does the upstream.
  for (const { client } of pairs) {
    await client.until(() => client.received.length === MESSAGES, 'every message');
    const pair = Number.parseInt(client.received[0]!.payload.toString('latin1'), 10);
    client.received.forEach((received, message) => {
      expect(received.payload.equals(payload(pair, message)), `message ${message} of ${pair}`).toBe(true);
    });
  }
  await bench.close();
});
