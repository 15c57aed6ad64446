// BP-02
import { expect, it } from 'vitest';
import { Bench } from '../support/bench.ts';
import { binary, encode } from '../support/raw-frames.ts';

it('serves a client that reads little by little, and loses nothing', async () => {
  const bench = await Bench.open({});
  const { client, upstream } = await bench.pair();
  const count = 400;
  upstream.write(
    Buffer.concat(
      Array.from({ length: count }, (_, i) => encode(binary(Buffer.alloc(50_000, i & 0xff)), false)),
    ),
  );
  while (client.received.length < count) {
    client.resume();
    const had = client.received.length;
    await client.until(() => client.received.length > had, 'one more message');
    client.pause();
    await new Promise((next) => setImmediate(next));
  }
  expect(
    client.received.every(({ payload }, i) => payload.length === 50_000 && payload[0] === (i & 0xff)),
  ).toBe(true);
  expect(client.ended).toBe(false);
  await bench.close();
});
