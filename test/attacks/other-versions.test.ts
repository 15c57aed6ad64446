// HS-13 HS-14 HS-17 SM-06
import { expect, it } from 'vitest';
import { ask, open, startEdge, statusOf, upgradeText } from '../support/edge.ts';

const version = (value: string | null) => upgradeText({ 'Sec-WebSocket-Version': value });

it.each<[string | null]>([
  [null],
  ...['', '0', '7', '8', '12', '14', '255', '777'].map((one): [string] => [one]),
  ...['13;', '13,14,15', '13-', '13\\', '13/', '+13', '013', '13.0', '0x0d', '1 3'].map((one): [string] => [
    one,
  ]),
])('refuses version %j with the one that is spoken', async (value) => {
  const edge = await startEdge();
  const answer = await ask(edge, version(value));
  expect(statusOf(answer)).toBe(426);
  expect(answer).toMatch(/^Sec-WebSocket-Version: 13\r$/m);
  expect(edge.accepted).toEqual([]);
});

it('takes 13 with white space around it', async () => {
  const edge = await startEdge();
  await open(edge, version(' \t13 \t'));
});

it.each(['8\r\nSec-WebSocket-Version: 13', '13\r\nSec-WebSocket-Version: 8'])('refuses %j', async (two) => {
  const edge = await startEdge();
  expect([400, 426]).toContain(statusOf(await ask(edge, version(two))));
  expect(edge.accepted).toEqual([]);
});
