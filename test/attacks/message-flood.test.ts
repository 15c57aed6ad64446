// FL-12
import { expect, it } from 'vitest';
import { Bench } from '../support/bench.ts';
import { text } from '../support/raw-frames.ts';

it('lets through what the limit allows of ten thousand messages in one write', async () => {
  const bench = await Bench.open({
    messages: { onInvalid: 'close' },
    limits: { perConnection: { messages: '20/s', burst: 40 } },
  });
  const { client, upstream } = await bench.pair();
  client.send(...Array.from({ length: 10_000 }, () => text('x')));
  expect(await client.closed()).toMatchObject({ code: 4029 });
  await upstream.closed();
  const messages = upstream.received.filter(({ kind }) => kind === 'text').length;
  expect(messages).toBeGreaterThanOrEqual(40);
  expect(messages).toBeLessThan(100);
  await bench.stillServes();
  await bench.close();
});
