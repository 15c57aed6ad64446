// HS-24 HS-25
import { expect, it } from 'vitest';
import { isRefusal } from '../../src/edge/fields.ts';
import { readHandshake } from '../../src/edge/handshake.ts';
import { arrivalOf, ask, open, startEdge, statusOf, upgradeText } from '../support/edge.ts';

const names = (count: number) => Array.from({ length: count }, (_, i) => `p${i}`).join(',');

it.each(['a,,b', 'a b', 'a, a', 'a,', ',a', ',', '', 'a;b', 'a/b', '"a"', '@', names(1_000)])(
  'refuses Sec-WebSocket-Protocol %j',
  async (list) => {
    const edge = await startEdge();
    expect(statusOf(await ask(edge, upgradeText({ 'Sec-WebSocket-Protocol': list })))).toBe(400);
    expect(edge.accepted).toEqual([]);
  },
);

it('keeps what was offered, in order, over several fields', async () => {
  const edge = await startEdge();
  await open(edge, upgradeText({ 'Sec-WebSocket-Protocol': 'b ,a\r\nSec-WebSocket-Protocol: c' }));
  expect(edge.accepted[0]?.protocols).toEqual(['b', 'a', 'c']);
});

it('takes twice as long at most for twice as many spaces', () => {
  const read = (spaces: number) => {
    const arrival = arrivalOf({ 'sec-websocket-protocol': `b${' '.repeat(spaces)}x` });
    const begun = performance.now();
    expect(isRefusal(readHandshake(arrival))).toBe(true);
    return performance.now() - begun;
  };
  read(1_000);
  // Linear, it is far below a millisecond; quadratic, it would be minutes.
  expect(Math.min(read(1_000_000), read(1_000_000), read(1_000_000))).toBeLessThan(500);
});
