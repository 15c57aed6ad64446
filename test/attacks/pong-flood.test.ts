// FL-08
import { expect, it } from 'vitest';
import { Bench } from '../support/bench.ts';
import { pong } from '../support/raw-frames.ts';

it('closes a client that floods it with pongs nobody asked for', async () => {
  const bench = await Bench.open({ messages: { controlFrames: '30/s' } });
  const { client, upstream } = await bench.pair();
  client.send(...Array.from({ length: 10_000 }, () => pong('?')));
  expect(await client.closed()).toMatchObject({ code: 1008 });
  await upstream.closed();
  expect(upstream.received.filter(({ kind }) => kind === 'pong')).toEqual([]);
  await bench.close();
});
