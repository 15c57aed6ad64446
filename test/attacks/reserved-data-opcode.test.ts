// FR-05
import { fails } from '../conformance/case.ts';
import { frameAttack } from '../support/frame-attack.ts';
import { more, OPEN, text } from '../support/raw-frames.ts';

const payload = Buffer.from('reserved');

frameAttack(
  'opcodes of data frames that do not exist',
  [3, 4, 5, 6, 7].flatMap((opcode) => [
    fails('§5.2', `opcode ${opcode}`, [{ opcode, payload }], 1002),
    fails('§5.2', `opcode ${opcode} amid a message`, [text('a', OPEN), { opcode, payload }, more('b')], 1002),
  ]),
);
