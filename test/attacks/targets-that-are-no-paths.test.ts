// HS-18 HS-19 SM-09 D9
import { expect, it } from 'vitest';
import { ask, startEdge, statusOf, upgradeText } from '../support/edge.ts';

it.each([
  '*',
  'localhost:443',
  '',
  'http://other/ws',
  'https://localhost/ws',
  'http://169.254.169.254/latest/meta-data',
  '//[]/x',
  '//other/ws',
  'ws',
  '?a',
])('refuses the target %j', async (target) => {
  const edge = await startEdge();
  expect(statusOf(await ask(edge, upgradeText({}, `GET ${target} HTTP/1.1`)))).toBe(400);
  expect(edge.accepted).toEqual([]);
});
