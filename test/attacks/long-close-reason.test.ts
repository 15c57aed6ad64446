// CL-07
import { closes, fails } from '../conformance/case.ts';
import { frameAttack } from '../support/frame-attack.ts';
import { close } from '../support/raw-frames.ts';

frameAttack('a close reason at its limit and over it', [
  closes('§5.5', '123 bytes', [close(1000, 'r'.repeat(123))], [1000]),
  fails('§5.5', '124 bytes', [close(1000, 'r'.repeat(124))], 1002),
]);
