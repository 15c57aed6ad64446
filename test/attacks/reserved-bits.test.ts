// FR-04
import { fails } from '../conformance/case.ts';
import { frameAttack } from '../support/frame-attack.ts';
import { close, more, OPEN, ping, text } from '../support/raw-frames.ts';

frameAttack(
  'reserved bits that nothing gives a meaning',
  [1, 2, 3, 7].flatMap((rsv) => [
    fails('§5.2', `RSV ${rsv} on text`, [text('x', { rsv })], 1002),
    fails('§5.2', `RSV ${rsv} on a ping`, [ping('x', { rsv })], 1002),
    fails('§5.2', `RSV ${rsv} on a close`, [close(1000, '', { rsv })], 1002),
    fails('§5.2', `RSV ${rsv} amid a message`, [text('a', OPEN), more('b', { rsv })], 1002),
  ]),
);
