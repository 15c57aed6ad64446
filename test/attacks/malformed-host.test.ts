// HS-04 HS-06
import { expect, it } from 'vitest';
import { ask, startEdge, statusOf, upgradeText } from '../support/edge.ts';

it.each([
  [null],
  ['['],
  ['a:b:c'],
  ['a b'],
  ['%'],
  [''],
  ['localhost@evil'],
  ['localhost/'],
  ['a,localhost'],
])('refuses the Host %j, of an upgrade and of a request', async (host) => {
  const edge = await startEdge();
  expect(statusOf(await ask(edge, upgradeText({ Host: host })))).toBe(400);
  expect(statusOf(await ask(edge, upgradeText({ Host: host, Connection: null })))).toBe(400);
  expect(edge.accepted).toEqual([]);
});

it('refuses a Host of 64 KiB before it is whole', async () => {
  const edge = await startEdge();
  expect(statusOf(await ask(edge, upgradeText({ Host: 'a'.repeat(65_536) })))).toBe(431);
});
