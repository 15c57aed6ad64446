// BP-07
import { expect, it } from 'vitest';
import { Bench } from '../support/bench.ts';
import { binary, encode, ping } from '../support/raw-frames.ts';

it('answers a ping of a client whose own messages wait for the upstream, or closes it in time', async () => {
  const bench = await Bench.open({
    lifetime: { slowConsumer: '500ms', closeTimeout: '200ms' },
    upstream: { reads: false },
  });
  const { client } = await bench.pair();
  const message = encode(binary(Buffer.alloc(60_000, 'x')), true);
  for (let i = 0; i < 300; i++) client.write(message); // 18 MB: more than the kernel holds
  client.send(ping('there?'));
  const ponged = (): boolean => client.received.some(({ kind }) => kind === 'pong');
  await client.until(() => client.ended || ponged(), 'a pong or the end');
  if (!ponged()) expect(await client.closed()).toMatchObject({ code: 1014 });
  await bench.close();
});
