// FR-06
import { fails } from '../conformance/case.ts';
import { frameAttack } from '../support/frame-attack.ts';
import { more, OPEN, text } from '../support/raw-frames.ts';

frameAttack(
  'opcodes of control frames that do not exist',
  [0xb, 0xc, 0xd, 0xe, 0xf].flatMap((opcode) => [
    fails('§5.2', `opcode ${opcode}`, [{ opcode }], 1002),
    fails('§5.2', `opcode ${opcode} amid a message`, [text('a', OPEN), { opcode }, more('b')], 1002),
  ]),
);
