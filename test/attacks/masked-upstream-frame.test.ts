// FR-02, UP-08
import { expect, it } from 'vitest';
import { Bench } from '../support/bench.ts';
import { binary, close, ping, text } from '../support/raw-frames.ts';

const MASKED = { mask: 'wrong' } as const;

it.each([
  ['text', text('masked', MASKED)],
  ['binary', binary('masked', MASKED)],
  ['ping', ping('masked', MASKED)],
  ['close', close(1000, 'masked', MASKED)],
])('closes an upstream that masks a %s with 1002, and tells the client 1014', async (_, frame) => {
  const bench = await Bench.open({});
  const { client, upstream } = await bench.pair();
  upstream.send(text('good'), frame);
  expect(await client.closed()).toMatchObject({ code: 1014 });
  expect(await upstream.closed()).toMatchObject({ code: 1002 });
  expect(client.received.filter(({ kind }) => kind !== 'close')).toMatchObject([
    { payload: Buffer.from('good') },
  ]);
  expect(await bench.closedBy()).toMatchObject({ code: 'frame_invalid', close: 1014 });
  await bench.close();
});
