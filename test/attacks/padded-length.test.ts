// FR-15
import { fails } from '../conformance/case.ts';
import { frameAttack } from '../support/frame-attack.ts';
import { more, OPEN, text } from '../support/raw-frames.ts';

frameAttack('a length in more bits than it needs', [
  fails('§5.2', '5 bytes in 16 bits', [text('12345', { lengthBits: 16 })], 1002),
  fails('§5.2', '125 bytes in 64 bits', [text('x'.repeat(125), { lengthBits: 64 })], 1002),
  fails('§5.2', '300 bytes in 64 bits', [text('x'.repeat(300), { lengthBits: 64 })], 1002),
  fails('§5.2', 'nothing in 16 bits', [text('', { lengthBits: 16 })], 1002),
  fails('§5.2', 'in a continuation', [text('a', OPEN), more('b', { lengthBits: 16 })], 1002),
]);
