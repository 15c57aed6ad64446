// FL-10, FL-11
import { expect, it } from 'vitest';
import { BOUNDS, fails, passes, said } from '../conformance/case.ts';
import { Bench } from '../support/bench.ts';
import { frameAttack } from '../support/frame-attack.ts';
import { more, OPEN, text } from '../support/raw-frames.ts';

const { maxBytes } = BOUNDS.narrow;
const filler = (length: number): string => 'x'.repeat(length);

frameAttack('a message at the limit, and over it', [
  passes('§10.4', 'exactly the limit', [text(filler(maxBytes))], { messages: [said(filler(maxBytes))] }),
  fails(
    '§10.4',
    'one byte more, announced and not sent',
    [text('', { declares: BigInt(maxBytes + 1) })],
    1009,
  ),
  fails(
    '§10.4',
    'fragments that add up to one byte more',
    [text(filler(maxBytes), OPEN), more('x', OPEN)],
    1009,
  ),
  fails(
    '§10.4',
    'a fragment that would take it over',
    [text('x', OPEN), more('', { declares: BigInt(maxBytes) })],
    1009,
  ),
]);

it('lets a client that is still sending 8 MiB read why it was closed', async () => {
  const bench = await Bench.open({});
  const { client, upstream } = await bench.pair();
  client.send(text(filler(8 * 1_048_576)));
  expect(await client.closed()).toMatchObject({ code: 1009, how: 'fin' }); // and no reset, which would take it away
  await upstream.closed();
  expect(upstream.received.map(({ kind }) => kind)).toEqual(['close']);
  await bench.close();
});
