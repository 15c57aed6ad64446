// CL-19
import { expect, it } from 'vitest';
import { Bench } from '../support/bench.ts';
import { text } from '../support/raw-frames.ts';

it('ends the session when TCP ends without close_notify', async () => {
  const bench = await Bench.open({});
  const { client, upstream } = await bench.pair();
  client.send(text('hello'));
  await upstream.next();
  client.cutBelowTls(); // a FIN of TCP, and no word of TLS before it
  expect((await upstream.closed()).code).toBe(1001);
  expect(await bench.closedBy()).toMatchObject({ initiator: 'client', close: 1006 });
  await bench.close();
});
