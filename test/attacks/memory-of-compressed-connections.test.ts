// PD-16
import { expect, it } from 'vitest';
import { Bench } from '../support/bench.ts';
import { deflated } from '../support/deflated.ts';
import { RSV1, text } from '../support/raw-frames.ts';

const message = text(deflated(Buffer.alloc(1_000, 'x')), { rsv: RSV1 });

it('keeps nothing of zlib for a connection that once sent a compressed message', async () => {
  const bench = await Bench.open({ messages: { compression: 'inflate' }, upstream: { echo: true } });
  const open = async (): Promise<void> => {
    const { client } = await bench.pair({ offer: 'permessage-deflate' });
    client.send(message);
    await client.next();
  };
  for (let i = 0; i < 20; i++) await open(); // what is made once is made
  const before = process.memoryUsage.rss();
  for (let i = 0; i < 200; i++) await open();
  // An inflater kept for each would be more than 40 KiB; the rest is this test's own two sockets and their TLS.
  expect((process.memoryUsage.rss() - before) / 200).toBeLessThan(400 * 1_024);
  await bench.close();
});
