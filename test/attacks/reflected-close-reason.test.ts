// CL-20
import { expect, it } from 'vitest';
import { Bench } from '../support/bench.ts';
import { close } from '../support/raw-frames.ts';

const EVIL = '\r\n{"level":"error"}\u001b[31m\u2028€';

it('keeps a hostile close reason short on the wire and escaped in the record', async () => {
  const bench = await Bench.open({});
  const { client, upstream } = await bench.pair();
  client.send(close(4000, EVIL));
  await client.closed();
  const { reason } = await upstream.closed();
  expect(Buffer.byteLength(reason)).toBeLessThanOrEqual(123);
  await bench.closedBy();
  expect(JSON.stringify(bench.log)).not.toMatch(/"level":"error"|\\u001b|\u2028/);
  await bench.close();
});
