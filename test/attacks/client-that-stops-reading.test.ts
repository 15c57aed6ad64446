// BP-01, BP-05, CL-16
import { expect, it } from 'vitest';
import { Bench } from '../support/bench.ts';
import { binary, encode } from '../support/raw-frames.ts';

const MiB = 1_048_576;
const message = encode(binary(Buffer.alloc(60_000, 'x')), false);

it('stops reading the upstream, and closes the client as a slow consumer', async () => {
  const bench = await Bench.open({ lifetime: { slowConsumer: '500ms', closeTimeout: '200ms' } });
  const { client, upstream } = await bench.pair();
  client.pause();
  let taken = 0;
  for (let i = 0; i < 1_700 && !upstream.ended; i++) {
    // 100 MB in all, each message written when the kernel took the one before
    const done = await Promise.race([upstream.handedOver(message), upstream.closed().then(() => false)]);
    if (!done) break;
    taken += message.length;
  }
  expect(await bench.closedBy()).toMatchObject({ code: 'slow_consumer', close: 1013 });
  expect(taken).toBeLessThan(32 * MiB); // the kernel's buffers on both legs, and the gateway's own
  await upstream.closed();
  client.resume();
  await client.closed();
  await bench.close();
});
