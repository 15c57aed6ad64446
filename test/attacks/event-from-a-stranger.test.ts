// AX-07: whoever holds an event token, but is not its transmitter, does not show what the transmitter shows.
import { afterEach, expect, it } from 'vitest';
import { type Chat, echoes } from '../support/chat.ts';
import { earlier, eventToken, openWithSignals, push, SHOWN } from '../support/signals.ts';

let chat: Chat;

afterEach(() => chat.close());

it.each([
  ['nothing', null],
  ['something else', 'Bearer something-else-altogether'],
  ['a part of it', SHOWN.slice(0, -1)],
  ['it, twice', `${SHOWN}, ${SHOWN}`],
  ['it, in another case', SHOWN.toUpperCase()],
])('who shows %s ends nothing', async (_what, Authorization) => {
  chat = await openWithSignals();
  const ada = await chat.join(earlier());
  const token = eventToken();
  expect(await push(chat, token, { Authorization })).toMatchObject({
    status: 400,
    body: { err: 'authentication_failed' },
  });
  await echoes(ada);
  expect(chat.named('signal.refused')).toMatchObject([{ error: 'authentication_failed' }]);
  expect(JSON.stringify(chat.log)).not.toContain(SHOWN.slice(7));
  // Nothing of it was remembered: the transmitter's own comes after.
  expect((await push(chat, token)).status).toBe(202);
  expect(await ada.closed()).toMatchObject({ code: 4500 });
});

it('cannot ask from a page', async () => {
  chat = await openWithSignals();
  const { headers } = await push(chat, eventToken(), { Origin: 'https://evil.example' });
  expect(headers['access-control-allow-origin']).toBeUndefined();
});
