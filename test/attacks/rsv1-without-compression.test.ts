// FR-03
import { fails } from '../conformance/case.ts';
import { frameAttack } from '../support/frame-attack.ts';
import { binary, more, OPEN, RSV1, text } from '../support/raw-frames.ts';

const FIRST = { rsv: RSV1 } as const;

frameAttack('RSV1 where compression was not agreed on', [
  fails('§5.2', 'text', [text('x', FIRST)], 1002),
  fails('§5.2', 'binary', [binary('x', FIRST)], 1002),
  fails('§5.2', 'a first fragment', [text('x', { rsv: RSV1, fin: false }), more('y')], 1002),
  fails('§5.2', 'a continuation', [text('x', OPEN), more('y', FIRST)], 1002),
]);
