// AX-07, JK-01: however many event tokens name keys that nobody has, the transmitter is asked once within the cooldown.
import { afterEach, expect, it, onTestFinished } from 'vitest';
import { type Chat, echoes } from '../support/chat.ts';
import { Provider, saying } from '../support/provider.ts';
import { earlier, eventToken, openWithSignals, push, transmitter } from '../support/signals.ts';
import { keySetText, newSigner } from '../support/tokens.ts';

let chat: Chat;

afterEach(() => chat.close());

it('asks once, and still takes what is good', async () => {
  const provider = await Provider.listen(saying(keySetText(transmitter)));
  onTestFinished(() => provider.close());
  chat = await openWithSignals({ jwks: `${provider.url}/jwks` });
  const ada = await chat.join(earlier());
  const stranger = newSigner();
  const sent = Array.from({ length: 30 }, (_, i) =>
    push(chat, eventToken({ signer: stranger, header: { kid: `k${i}` } })),
  );
  for (const answer of await Promise.all(sent))
    expect(answer).toMatchObject({ status: 400, body: { err: 'invalid_key' } });
  expect(provider.asked).toEqual(['/jwks']);
  await echoes(ada);
  expect((await push(chat, eventToken())).status).toBe(202);
  expect(await ada.closed()).toMatchObject({ code: 4500 });
});
