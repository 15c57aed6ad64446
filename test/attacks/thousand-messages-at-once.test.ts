// FR-25
import { expect, it } from 'vitest';
import { Bench } from '../support/bench.ts';
import { text } from '../support/raw-frames.ts';

it('delivers a thousand messages of one write, all and in order', async () => {
  const bench = await Bench.open({ upstream: { echo: true } });
  const { client, upstream } = await bench.pair();
  const sent = Array.from({ length: 1_000 }, (_, i) => `message ${i}`);
  client.send(...sent.map((one) => text(one)));
  await client.until(() => client.received.length === 1_000, 'a thousand echoes');
  expect(client.received.map(({ payload }) => payload.toString())).toEqual(sent);
  expect(upstream.received.map(({ payload }) => payload.toString())).toEqual(sent);
  await bench.close();
});
