// PD-12, PD-13
import { fails } from '../conformance/case.ts';
import { frameAttack } from '../support/frame-attack.ts';
import { close, more, OPEN, ping, RSV1, text } from '../support/raw-frames.ts';

const agreed = { offer: 'permessage-deflate' };
const FIRST = { rsv: RSV1 } as const;

frameAttack('RSV1 where compression has no business', [
  fails('7692 §6.1', 'a continuation', [text('He', OPEN), more('llo', FIRST)], 1002, agreed),
  fails('7692 §6.1', 'a ping', [ping('p', FIRST)], 1002, agreed),
  fails('7692 §6.1', 'a close', [close(1000, '', FIRST)], 1002, agreed),
]);
