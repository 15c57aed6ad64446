// JS-13
import { it } from 'vitest';
import { Guarded, HARMLESS } from '../support/guarded.ts';

it.each([
  ['two texts', `${HARMLESS}${HARMLESS}`],
  ['two texts on two lines', `${HARMLESS}\n${HARMLESS}`],
  ['something after the text', `${HARMLESS}x`],
  ['a bracket after the text', `${HARMLESS}]`],
  ['a NUL after the text', `${HARMLESS}\0`],
  ['nothing', ''],
  ['white space', ' \r\n\t'],
  ['a comma', ','],
])('refuses %s', async (_, message) => {
  const pair = new Guarded().connect();
  await pair.refuses(message, 'message_malformed');
  pair.end();
});
