// HS-22
import { expect, it } from 'vitest';
import { ask, startEdge, statusOf, upgradeText } from '../support/edge.ts';

it.each([
  [8, 414],
  [16, 431],
  [64, 431],
])('refuses a target of %i KiB with %i', async (kib, status) => {
  const edge = await startEdge();
  const path = `/${'a'.repeat(kib * 1_024)}`;
  expect(statusOf(await ask(edge, upgradeText({}, `GET ${path} HTTP/1.1`)))).toBe(status);
  expect(edge.accepted).toEqual([]);
});
