// PD-17
import { expect, it } from 'vitest';
import { Bench } from '../support/bench.ts';

it('agrees to no compression where the route does not ask for it', async () => {
  const bench = await Bench.open({});
  const { headers } = await bench.pair({ offer: 'permessage-deflate; client_max_window_bits' });
  expect(headers.has('sec-websocket-extensions')).toBe(false);
  expect(bench.upstream.requests[0]!.headers.has('sec-websocket-extensions')).toBe(false);
  await bench.close();
});
