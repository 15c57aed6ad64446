// UT-10
import { fails } from '../conformance/case.ts';
import { frameAttack } from '../support/frame-attack.ts';
import { more, OPEN, text } from '../support/raw-frames.ts';

const ILL = Buffer.from([0xed, 0xa0, 0x80]);

frameAttack('ill-formed text in one of three fragments', [
  fails('§8.1', 'the first', [text(ILL, OPEN), more('b', OPEN), more('c')], 1007),
  fails('§8.1', 'the second', [text('a', OPEN), more(ILL, OPEN), more('c')], 1007),
  fails('§8.1', 'the last', [text('a', OPEN), more('b', OPEN), more(ILL)], 1007),
  fails('§8.1', 'across two', [text('a', OPEN), more(ILL.subarray(0, 1), OPEN), more(ILL.subarray(1))], 1007),
]);
