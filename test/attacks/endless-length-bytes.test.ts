// FR-14
import { expect, it } from 'vitest';
import { Bench } from '../support/bench.ts';

it('reads no more than eight length bytes, whatever follows', async () => {
  const bench = await Bench.open({});
  const { client, upstream } = await bench.pair();
  client.write(Buffer.alloc(1_000_000, 0x80)); // on a draft path, each one would announce another
  expect(await client.closed()).toMatchObject({ code: 1002 });
  await upstream.closed();
  expect(upstream.received.map(({ kind }) => kind)).toEqual(['close']);
  await bench.stillServes();
  await bench.close();
});
