// HS-26 HS-27 HS-28
import { expect, it } from 'vitest';
import { readHandshake } from '../../src/edge/handshake.ts';
import { arrivalOf, ask, open, startEdge, statusOf, upgradeText } from '../support/edge.ts';

it.each(['a;', ';a', 'a;b=', 'a;=b', 'a;b="', 'a;b="x y"', 'a b', 'a,,b', 'a;b="\\', '@'])(
  'refuses Sec-WebSocket-Extensions %j',
  async (offer) => {
    const edge = await startEdge();
    expect(statusOf(await ask(edge, upgradeText({ 'Sec-WebSocket-Extensions': offer })))).toBe(400);
  },
);

it.each(['constructor', '__proto__; toString', 'x; __proto__="a"', 'permessage-deflate; constructor=1'])(
  'grants nothing for %j, and lives',
  async (offer) => {
    const edge = await startEdge();
    await open(edge, upgradeText({ 'Sec-WebSocket-Extensions': offer }));
    expect(edge.accepted[0]?.extensions).toBe(offer);
  },
);

it.each([
  ['escapes in a string that never ends', `a;b="${'\\c'.repeat(500_000)}`],
  ['a hundred thousand offers', Array(100_000).fill('a').join(',')],
  ['a hundred thousand parameters', `a${';b=c'.repeat(100_000)}`],
  ['a million spaces', `a;${' '.repeat(1_000_000)}@`],
])('reads %s in linear time', (_, offer) => {
  const arrival = arrivalOf({ 'sec-websocket-extensions': offer });
  const begun = performance.now();
  readHandshake(arrival);
  expect(performance.now() - begun).toBeLessThan(1_000);
});
