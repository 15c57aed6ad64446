// CL-02
import { fails } from '../conformance/case.ts';
import { frameAttack } from '../support/frame-attack.ts';
import { OPCODE } from '../support/raw-frames.ts';

frameAttack('a close whose code is half there', [
  fails('§5.5.1', 'one byte', [{ opcode: OPCODE.close, payload: Buffer.from([3]) }], 1002),
]);
