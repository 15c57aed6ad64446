// CL-17
import { expect, it } from 'vitest';
import { Bench } from '../support/bench.ts';
import { close } from '../support/raw-frames.ts';

it.each([1000, 1001, 1011, 4000, 4999])('passes on a close with %i from the upstream', async (code) => {
  const bench = await Bench.open({});
  const { client, upstream } = await bench.pair();
  upstream.send(close(code, 'the upstream says'));
  expect(await client.closed()).toMatchObject({ code });
  expect(await upstream.closed()).toMatchObject({ code });
  await bench.close();
});

it.each([0, 1004, 1005, 1006, 1015, 2999, 5000])(
  'never passes on a close with %i from the upstream',
  async (code) => {
    const bench = await Bench.open({});
    const { client, upstream } = await bench.pair();
    upstream.send(close(code));
    expect(await client.closed()).toMatchObject({ code: 1014 });
    expect(await upstream.closed()).toMatchObject({ code: 1002 });
    await bench.close();
  },
);
