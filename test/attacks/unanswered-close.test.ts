// CL-10
import { expect, it } from 'vitest';
import { Bench } from '../support/bench.ts';
import { text } from '../support/raw-frames.ts';

it('ends a client that never answers a close', async () => {
  const bench = await Bench.open({ lifetime: { closeTimeout: '200ms' } });
  const { client, upstream } = await bench.pair({ answersClose: false });
  client.send(text('bad', { rsv: 7 }));
  expect(await client.closed()).toMatchObject({ code: 1002 });
  await upstream.closed();
  await bench.close();
});

it('ends an upstream that never answers a close', async () => {
  const bench = await Bench.open({ lifetime: { closeTimeout: '200ms' }, upstream: { answersClose: false } });
  const { client, upstream } = await bench.pair();
  client.send(text('bad', { rsv: 7 }));
  expect(await client.closed()).toMatchObject({ code: 1002 });
  await upstream.closed();
  await bench.close();
});
