// PD-15
import { passes, said } from '../conformance/case.ts';
import { frameAttack } from '../support/frame-attack.ts';
import { RSV1, text } from '../support/raw-frames.ts';

const offer = 'permessage-deflate';
const hello = (hex: string) => text(Buffer.from(hex, 'hex'), { rsv: RSV1 });

frameAttack('compressed messages of odd shapes, and the message after them', [
  passes('7692 §7.2.3.4', 'BFINAL', [hello('f348cdc9c9070000'), hello('f248cdc9c90700')], {
    offer,
    messages: [said('Hello'), said('Hello')],
  }),
  passes(
    '7692 §7.2.3.5',
    'two blocks',
    [hello('f248050000 00ffffcac9c90700'.replace(' ', '')), hello('f248cdc9c90700')],
    { offer, messages: [said('Hello'), said('Hello')] },
  ),
  passes('7692 §7.2.3.6', 'an empty block', [hello('00'), hello('f248cdc9c90700')], {
    offer,
    messages: [said(''), said('Hello')],
  }),
]);
