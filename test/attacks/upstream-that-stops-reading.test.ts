// BP-03
import { expect, it } from 'vitest';
import { Bench } from '../support/bench.ts';
import { binary, encode } from '../support/raw-frames.ts';

const MiB = 1_048_576;
const message = encode(binary(Buffer.alloc(60_000, 'x')), true);

it('stops reading the client, and in the end gives the upstream up', async () => {
  const bench = await Bench.open({
    lifetime: { slowConsumer: '500ms', closeTimeout: '200ms' },
    upstream: { reads: false },
  });
  const { client } = await bench.pair();
  let taken = 0;
  for (let i = 0; i < 1_700 && !client.ended; i++) {
    const done = await Promise.race([client.handedOver(message), client.closed().then(() => false)]);
    if (!done) break;
    taken += message.length;
  }
  expect(taken).toBeLessThan(32 * MiB);
  expect(await client.closed()).toMatchObject({ code: 1014 });
  await bench.close();
});
