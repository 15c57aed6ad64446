// CL-13, UP-04
import { expect, it } from 'vitest';
import { Bench } from '../support/bench.ts';
import { encode, text } from '../support/raw-frames.ts';

const half = encode(text('x'.repeat(10_000)), true).subarray(0, 5_000);

it('outlives a client that is reset amid a message', async () => {
  const bench = await Bench.open({ upstream: { echo: true } });
  const { client, upstream } = await bench.pair();
  client.write(half);
  client.send(text('never read'));
  client.reset();
  expect((await upstream.closed()).code).toBe(1001);
  await bench.recordedOnce();
  await bench.stillServes();
  await bench.close();
});

it.each([0, 1, 100])('tells the client 1014 when the upstream is reset after %i messages', async (count) => {
  const bench = await Bench.open({});
  const { client, upstream } = await bench.pair();
  for (let i = 0; i < count; i++) upstream.send(text(`message ${i}`));
  await client.until(() => client.received.length === count, 'the messages');
  upstream.reset();
  expect(await client.closed()).toMatchObject({ code: 1014, how: 'fin' });
  expect(await bench.closedBy()).toMatchObject({ code: 'upstream_lost' });
  await bench.close();
});
