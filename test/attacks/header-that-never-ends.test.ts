// FR-16
import { expect, it } from 'vitest';
import { Bench } from '../support/bench.ts';
import { encode, text } from '../support/raw-frames.ts';

const whole = encode(text('hello'), true);

it.each([1, 2, 5])('closes a client that sends %i bytes of a header and waits', async (length) => {
  const bench = await Bench.open({ messages: { incompleteTimeout: '200ms' } });
  const { client, upstream } = await bench.pair();
  client.write(whole.subarray(0, length));
  expect(await client.closed()).toMatchObject({ code: 1008, reason: expect.stringContaining('incomplete') });
  await upstream.closed();
  expect(await bench.closedBy()).toMatchObject({ code: 'message_incomplete', initiator: 'gateway' });
  await bench.close();
});
