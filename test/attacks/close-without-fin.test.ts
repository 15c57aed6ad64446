// CL-11, CL-16
import { expect, it } from 'vitest';
import { Bench } from '../support/bench.ts';
import { close } from '../support/raw-frames.ts';

it('ends a client that closes and then keeps its TCP connection', async () => {
  const bench = await Bench.open({ lifetime: { closeTimeout: '200ms' } });
  const { client, upstream } = await bench.pair({ answersFin: false });
  client.send(close(1000));
  expect(await client.next()).toMatchObject({ kind: 'close', code: 1000 });
  await upstream.closed();
  await bench.closedBy();
  await bench.allClosed();
  client.destroy();
  await bench.close();
});
