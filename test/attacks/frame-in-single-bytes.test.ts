// FL-04
import { expect, it } from 'vitest';
import { Bench } from '../support/bench.ts';
import { noise } from '../support/deflated.ts';
import { binary, encode } from '../support/raw-frames.ts';

it('takes a frame of 20 KiB in writes of one byte', async () => {
  const bench = await Bench.open({ upstream: { echo: true } });
  const { client } = await bench.pair();
  const payload = noise(20_480);
  await client.writeInPieces(encode(binary(payload), true), 1);
  expect((await client.next()).payload.equals(payload)).toBe(true);
  await bench.close();
});
