// HS-39
import { expect, it } from 'vitest';
import { ask, startEdge, statusOf, upgradeText } from '../support/edge.ts';

it.each([
  ['a folded line', 'X: a\r\n b'],
  ['a bare LF', 'X: a\nY: b'],
  ['a bare CR', 'X: a\rb'],
  ['a space before the colon', 'X : a'],
  ['NUL', 'X: a\0b'],
  ['DEL', 'X: a\x7fb'],
  ['an escape', 'X: \x1b[31m'],
  ['UTF-8 in a value', 'X: \xc3\xa9'],
  ['UTF-8 in a name', 'X\xc3\xa9: a'],
  ['no name', ': a'],
  ['no colon', 'X'],
])('refuses %s', async (_, line) => {
  const edge = await startEdge();
  expect(statusOf(await ask(edge, upgradeText().replace('\r\nUpgrade', `\r\n${line}\r\nUpgrade`)))).toBe(400);
  expect(edge.accepted).toEqual([]);
});
