// FL-06, FL-09
import { expect, it } from 'vitest';
import { Bench } from '../support/bench.ts';
import { more, OPEN, ping, text } from '../support/raw-frames.ts';

const pings = (count: number) => Array.from({ length: count }, (_, i) => ping(Buffer.alloc(125, i)));

it('closes a client that floods it with pings, and answers no more than the limit', async () => {
  const bench = await Bench.open({ messages: { controlFrames: '30/s' } });
  const { client, upstream } = await bench.pair();
  client.send(...pings(10_000));
  expect(await client.closed()).toMatchObject({ code: 1008 });
  expect(client.received.filter(({ kind }) => kind === 'pong').length).toBeLessThan(100);
  await upstream.closed();
  expect(upstream.received.filter(({ kind }) => kind === 'ping')).toEqual([]);
  expect(await bench.closedBy()).toMatchObject({ code: 'control_flood', initiator: 'gateway' });
  await bench.close();
});

it('does the same amid a message, where ten pings are answered', async () => {
  const bench = await Bench.open({ messages: { controlFrames: '30/s' }, upstream: { echo: true } });
  const { client } = await bench.pair();
  client.send(text('a', OPEN), ...pings(10), more('b'));
  await client.until(() => client.received.length === 11, 'ten pongs and the echo');
  client.send(text('a', OPEN), ...pings(1_000), more('b'));
  expect(await client.closed()).toMatchObject({ code: 1008 });
  await bench.close();
});
