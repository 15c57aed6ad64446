// CL-14
import { expect, it } from 'vitest';
import { Bench } from '../support/bench.ts';

it('does not leave a session behind for a client that sends FIN and keeps reading', async () => {
  const bench = await Bench.open({ lifetime: { closeTimeout: '200ms' } });
  const { client, upstream } = await bench.pair();
  client.halfClose();
  await client.closed();
  await upstream.closed();
  expect(await bench.closedBy()).toMatchObject({ initiator: 'client', close: 1006 });
  await bench.close();
});
