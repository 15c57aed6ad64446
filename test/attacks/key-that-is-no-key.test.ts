// HS-11 HS-12
import { expect, it } from 'vitest';
import { ask, startEdge, statusOf, upgradeText } from '../support/edge.ts';

const bytes = (count: number) => Buffer.alloc(count, 7).toString('base64');

it.each([
  [null],
  [''],
  ['AAAA'],
  [bytes(15)],
  [bytes(17)],
  [bytes(18)],
  ['dGhlIHNhbXBsZSBub25jZQ'],
  ['dGhlIHNhbXBsZSBub25jZQ=='.replace('=', '-')],
  ['dGhlIHNhbXBsZSBub25jZQ==, dGhlIHNhbXBsZSBub25jZQ=='],
  ['dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='],
])('refuses the key %j', async (key) => {
  const edge = await startEdge();
  expect(statusOf(await ask(edge, upgradeText({ 'Sec-WebSocket-Key': key })))).toBe(400);
  expect(edge.accepted).toEqual([]);
});
