// CL-09
import { expect, it } from 'vitest';
import { Bench } from '../support/bench.ts';
import { close } from '../support/raw-frames.ts';

it('answers ten thousand closes with one, and lets go', async () => {
  const bench = await Bench.open({});
  const { client, upstream } = await bench.pair();
  client.send(...Array.from({ length: 10_000 }, () => close(1000)));
  expect(await client.closed()).toMatchObject({ code: 1000 });
  await upstream.closed();
  expect(client.frames).toHaveLength(1);
  expect(upstream.frames).toHaveLength(1);
  await bench.recordedOnce();
  await bench.close();
});
