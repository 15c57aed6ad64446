// UT-11
import { fails } from '../conformance/case.ts';
import { frameAttack } from '../support/frame-attack.ts';
import { close } from '../support/raw-frames.ts';

frameAttack('a close reason that is not UTF-8', [
  fails('§5.5.1', 'a surrogate', [close(1000, Buffer.from([0xed, 0xa0, 0x80]))], 1007),
  fails('§5.5.1', 'a character cut short', [close(1000, Buffer.from([0x6f, 0xf0, 0x9f]))], 1007),
]);
