// PD-05
import { expect, it } from 'vitest';
import { fails, said } from '../conformance/case.ts';
import { Bench } from '../support/bench.ts';
import { frameAttack } from '../support/frame-attack.ts';
import { RSV1, text } from '../support/raw-frames.ts';

const hello = Buffer.from('f248cdc9c90700', 'hex');
const again = Buffer.from('f200110000', 'hex'); // RFC 7692 §7.2.3.2: "Hello" by reference to the one before

frameAttack('a message that needs the window of another', [
  fails('7692 §7.1.1.2', 'the second', [text(hello, { rsv: RSV1 }), text(again, { rsv: RSV1 })], 1007, {
    offer: 'permessage-deflate',
    messages: [said('Hello')],
  }),
]);

it('is forbidden by what was agreed on', async () => {
  const bench = await Bench.open({ messages: { compression: 'inflate' } });
  const { headers } = await bench.pair({ offer: 'permessage-deflate' });
  expect(headers.get('sec-websocket-extensions')).toContain('client_no_context_takeover');
  await bench.close();
});
