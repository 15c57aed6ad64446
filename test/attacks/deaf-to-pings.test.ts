// FL-15
import { expect, it } from 'vitest';
import { Bench } from '../support/bench.ts';

it('closes a client that misses two pings', async () => {
  const bench = await Bench.open({ lifetime: { heartbeat: '200ms' }, upstream: { answersPing: true } });
  const { client, upstream } = await bench.pair({ answersPing: false });
  expect(await client.closed()).toMatchObject({ code: 3008 });
  expect(client.received.filter(({ kind }) => kind === 'ping').length).toBeGreaterThanOrEqual(2);
  await upstream.closed();
  expect(await bench.closedBy()).toMatchObject({ code: 'heartbeat_missed' });
  await bench.close();
});

it('keeps a client that answers them', async () => {
  const bench = await Bench.open({ lifetime: { heartbeat: '100ms' }, upstream: { answersPing: true } });
  const { client } = await bench.pair({ answersPing: true });
  await client.until(() => client.received.length >= 5, 'five pings');
  expect(client.ended).toBe(false);
  await bench.close();
});
