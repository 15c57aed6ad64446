// HS-05
import { expect, it } from 'vitest';
import { ask, startEdge, statusOf, upgradeText } from '../support/edge.ts';

it.each(['Host: localhost', 'host: other', 'HOST:'])('refuses a second field %j', async (second) => {
  const edge = await startEdge();
  const twice = upgradeText().replace('\r\nUpgrade', `\r\n${second}\r\nUpgrade`);
  expect(statusOf(await ask(edge, twice))).toBe(400);
  expect(edge.accepted).toEqual([]);
});
