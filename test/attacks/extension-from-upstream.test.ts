// PD-09
import { expect, it } from 'vitest';
import { Bench } from '../support/bench.ts';
import { acceptWith } from '../support/raw-server.ts';

it.each([
  'permessage-deflate',
  'permessage-deflate; server_max_window_bits=7',
  'permessage-deflate; server_max_window_bits=99999',
  'x-unknown',
])('answers 502 when the upstream insists on %s, which was never offered', async (extension) => {
  const answer = acceptWith({ 'Sec-WebSocket-Extensions': extension });
  const bench = await Bench.open({ messages: { compression: 'inflate' }, upstream: { answer } });
  await expect(bench.pair({ offer: 'permessage-deflate' })).rejects.toMatchObject({ status: 502 });
  expect(bench.upstream.requests[0]!.headers.has('sec-websocket-extensions')).toBe(false);
  await bench.close();
});
