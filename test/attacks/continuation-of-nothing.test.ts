// FR-09
import { fails, said } from '../conformance/case.ts';
import { frameAttack } from '../support/frame-attack.ts';
import { more, OPEN, text } from '../support/raw-frames.ts';

frameAttack('a continuation of no message', [
  fails('§5.4', 'a last one', [more('x')], 1002),
  fails('§5.4', 'one that is not the last', [more('x', OPEN), more('y')], 1002),
  fails('§5.4', 'after a whole message', [text('good'), more('x')], 1002, { messages: [said('good')] }),
]);
