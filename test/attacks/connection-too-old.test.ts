// FL-16
import { expect, it } from 'vitest';
import { Bench } from '../support/bench.ts';
import { text } from '../support/raw-frames.ts';

it('closes a busy connection when it is as old as it may be', async () => {
  const bench = await Bench.open({ lifetime: { maximum: '400ms' }, upstream: { echo: true } });
  const { client } = await bench.pair();
  const timer = setInterval(() => client.send(text('busy')), 50);
  expect(await client.closed()).toMatchObject({ code: 4001 });
  clearInterval(timer);
  expect(await bench.closedBy()).toMatchObject({ code: 'too_old', initiator: 'gateway' });
  await bench.close();
});
