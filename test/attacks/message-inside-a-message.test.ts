// FR-10, FR-11
import { fails } from '../conformance/case.ts';
import { frameAttack } from '../support/frame-attack.ts';
import { binary, more, OPEN, text } from '../support/raw-frames.ts';

frameAttack('a message that begins before the last one ended', [
  fails('§5.4', 'text in text', [text('a', OPEN), text('b'), more('c')], 1002),
  fails('§5.4', 'binary in text', [text('a', OPEN), binary('b'), more('c')], 1002),
  fails('§5.4', 'fragments in fragments', [text('a', OPEN), more('b', OPEN), text('c', OPEN)], 1002),
]);
