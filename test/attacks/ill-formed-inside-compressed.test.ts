// UT-12
import { fails } from '../conformance/case.ts';
import { deflated } from '../support/deflated.ts';
import { frameAttack } from '../support/frame-attack.ts';
import { RSV1, text } from '../support/raw-frames.ts';

frameAttack('ill-formed text that shows only when it is inflated', [
  fails('7692 §6', 'a surrogate', [text(deflated(Buffer.from([0xed, 0xa0, 0x80])), { rsv: RSV1 })], 1007, {
    offer: 'permessage-deflate',
  }),
]);
