// UT-13
import { expect, it } from 'vitest';
import { Bench } from '../support/bench.ts';
import { binary, text } from '../support/raw-frames.ts';

const ILL = Buffer.concat([
  Buffer.from('{"type":"a","text":"'),
  Buffer.from([0xed, 0xa0, 0x80]),
  Buffer.from('"}'),
]);

it('does not take binary for JSON, and never mends it with U+FFFD', async () => {
  const bench = await Bench.open({
    dialect: { json: { type: '/type' } },
    messages: { onInvalid: 'close' },
    authorize: [{ allow: 'true' }],
    upstream: { echo: true },
  });
  const { client, upstream } = await bench.pair();
  client.send(text('{"type":"a"}'));
  expect((await client.next()).payload.toString()).toBe('{"type":"a"}');
  client.send(binary(ILL));
  expect([1003, 1007]).toContain((await client.closed()).code);
  await upstream.closed();
  expect(upstream.received.filter(({ kind }) => kind !== 'close')).toHaveLength(1);
  await bench.close();
});
