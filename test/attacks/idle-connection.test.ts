// FL-14
import { expect, it } from 'vitest';
import { Bench } from '../support/bench.ts';
import { ping } from '../support/raw-frames.ts';

it('closes a client that says nothing, and does not take pings for saying something', async () => {
  const bench = await Bench.open({ lifetime: { idle: '300ms' } });
  const { client, upstream } = await bench.pair({ answersPing: true });
  const timer = setInterval(() => client.send(ping()), 100);
  expect(await client.closed()).toMatchObject({ code: 3008, reason: 'idle' });
  clearInterval(timer);
  await upstream.closed();
  expect(await bench.closedBy()).toMatchObject({ code: 'idle', initiator: 'gateway' });
  await bench.close();
});
