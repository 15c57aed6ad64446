// CL-12
import { expect, it } from 'vitest';
import { Bench } from '../support/bench.ts';
import { OPEN, text } from '../support/raw-frames.ts';

it.each([
  ['between messages', text('hello')],
  ['amid a message', text('hel', OPEN)],
])(
  'closes the upstream with a code of the wire when a client leaves with FIN alone, %s',
  async (_, frame) => {
    const bench = await Bench.open({});
    const { client, upstream } = await bench.pair();
    client.send(frame);
    client.halfClose();
    await client.closed();
    expect((await upstream.closed()).code).toBe(1001);
    expect(await bench.closedBy()).toMatchObject({ initiator: 'client', close: 1006 });
    await bench.close();
  },
);

it('tells the client 1014 when the upstream leaves with FIN alone', async () => {
  const bench = await Bench.open({});
  const { client, upstream } = await bench.pair();
  upstream.halfClose();
  expect(await client.closed()).toMatchObject({ code: 1014 });
  expect(await bench.closedBy()).toMatchObject({ initiator: 'upstream', code: 'upstream_lost' });
  await bench.close();
});
