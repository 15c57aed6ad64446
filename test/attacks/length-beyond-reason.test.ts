// FR-12
import { expect, it } from 'vitest';
import { fails } from '../conformance/case.ts';
import { Bench } from '../support/bench.ts';
import { frameAttack } from '../support/frame-attack.ts';
import { heldBytes } from '../support/memory.ts';
import { binary, encode, more, OPEN, text } from '../support/raw-frames.ts';

frameAttack('a length that no machine can hold', [
  fails('§5.2', '2^63', [binary('', { declares: 2n ** 63n })], 1002),
  fails('§5.2', '2^64 - 1', [binary('', { declares: 2n ** 64n - 1n })], 1002),
  fails('§10.4', '2^63 - 1', [binary('', { declares: 2n ** 63n - 1n })], 1009),
  fails('§10.4', '2^53', [binary('', { declares: 2n ** 53n })], 1009),
  fails(
    '§10.4',
    '2^63 - 1 in a continuation',
    [text('a', OPEN), more('', { declares: 2n ** 63n - 1n })],
    1009,
  ),
]);

it('allocates nothing for what is announced', async () => {
  const bench = await Bench.open({});
  const before = heldBytes();
  for (let i = 0; i < 50; i++) {
    const { client } = await bench.pair();
    client.write(encode(binary('', { declares: 65_000n }), true));
    client.write(encode(binary('x'), true)); // some of it came
  }
  const after = heldBytes();
  expect(after - before).toBeLessThan(50 * 16_384);
  await bench.close();
});
