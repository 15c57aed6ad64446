import { acceptKey } from '../../../protocol/accept.ts';
import { type Check, finding } from '../../check.ts';
import { answerText, isOpened, valuesOf } from '../../probe/answer.ts';
import { exchange } from '../../probe/ask.ts';

/** Of the 101 itself: RFC 6455 §4.2.2. */
export const OPENING_CHECKS: readonly Check[] = [
  {
    id: 'opening',
    group: 'handshake',
    title: 'A right upgrade opens a WebSocket, and the 101 is right',
    weight: 'high',
    standard: 'RFC 6455 §4.2.2',
    why: 'The accept key proves that the server read this request; an extension or subprotocol that nobody offered makes clients fail the connection.',
    mend: 'Answer 101 with Upgrade, Connection and Sec-WebSocket-Accept, and grant only what was offered.',
    async run(context) {
      const { answer, key, wire } = await exchange(context);
      wire.destroy();
      const sent = 'an upgrade that is right in every way';
      if (!isOpened(answer)) return finding.info(sent, `refused: ${answerText(answer)}`);
      const wrong: string[] = [];
      if (valuesOf(answer, 'sec-websocket-accept').join() !== acceptKey(key))
        wrong.push('Sec-WebSocket-Accept is wrong');
      if (valuesOf(answer, 'upgrade').join().toLowerCase() !== 'websocket')
        wrong.push('Upgrade is not websocket');
      if (!/\bupgrade\b/i.test(valuesOf(answer, 'connection').join()))
        wrong.push('Connection does not say upgrade');
      if (valuesOf(answer, 'sec-websocket-extensions').length > 0)
        wrong.push('an extension that was not offered');
      const offered = context.login.always.find(([name]) => name === 'Sec-WebSocket-Protocol')?.[1] ?? '';
      const granted = valuesOf(answer, 'sec-websocket-protocol');
      if (granted.length > 1 || granted.some((each) => !offered.split(/\s*,\s*/).includes(each)))
        wrong.push('a subprotocol that was not offered');
      return wrong.length === 0
        ? finding.pass(sent, '101, and every field of it is right')
        : finding.fail(sent, wrong.join('; '));
    },
  },
];
