// HS-21
import { expect, it } from 'vitest';
import { ask, open, startEdge, statusOf, upgradeText } from '../support/edge.ts';

const to = (path: string) => upgradeText({}, `GET ${path} HTTP/1.1`);

it.each([
  '/ws/../admin',
  '/ws/%2e%2e/admin',
  '/ws/..;/admin',
  '//ws',
  '/ws//x',
  '/a%2fws',
  '/a%5Cws',
  '/a\\ws',
  '/%00',
  '/%ff',
  '/%u0000',
  '/%',
  '/ws#x',
])('refuses %j', async (path) => {
  const edge = await startEdge();
  expect(statusOf(await ask(edge, to(path)))).toBe(400);
  expect(edge.accepted).toEqual([]);
});

it.each([
  ['/%77s', '/ws'],
  ['/WS', '/WS'],
  ['/ws;x=1', '/ws;x=1'],
  ['/w%c3%a9', '/w%C3%A9'],
])('hands %s on as %s, to the route and the upstream alike', async (path, normal) => {
  const edge = await startEdge();
  await open(edge, to(path));
  expect(edge.accepted[0]?.path).toBe(normal);
});
