// HS-02
import { expect, it } from 'vitest';
import { ask, startEdge, statusOf, upgradeText } from '../support/edge.ts';

it.each(['HTTP/1.0', 'HTTP/0.9', 'HTTP/2.0', 'HTTP/1.2'])('refuses an upgrade over %s', async (version) => {
  const edge = await startEdge();
  expect(statusOf(await ask(edge, upgradeText({}, `GET /ws ${version}`)))).toBe(400);
  expect(edge.accepted).toEqual([]);
});
