// FR-07
import { fails } from '../conformance/case.ts';
import { frameAttack } from '../support/frame-attack.ts';
import { more, OPCODE, OPEN, text } from '../support/raw-frames.ts';

const payload = Buffer.alloc(126, 3);

frameAttack('a control frame of 126 bytes', [
  fails('§5.5', 'ping', [{ opcode: OPCODE.ping, payload }], 1002),
  fails('§5.5', 'pong', [{ opcode: OPCODE.pong, payload }], 1002),
  fails('§5.5', 'close', [{ opcode: OPCODE.close, payload }], 1002),
  fails('§5.5', 'ping amid a message', [text('a', OPEN), { opcode: OPCODE.ping, payload }, more('b')], 1002),
]);
