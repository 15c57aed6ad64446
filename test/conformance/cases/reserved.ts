import { close, type FrameSpec, more, OPEN, ping, text } from '../../support/raw-frames.ts';
import { type Case, fails, said } from '../case.ts';

const RSV = [1, 2, 3, 4, 5, 6, 7];
const RESERVED_OPCODES = [3, 4, 5, 6, 7, 0xb, 0xc, 0xd, 0xe, 0xf];

/** A bad frame alone, after a good message, and amid an unfinished one. */
function everywhere(rfc: string, name: string, bad: FrameSpec): Case[] {
  return [
    fails(rfc, name, [bad], 1002),
    fails(rfc, `${name}, after a good text`, [text('good'), bad, text('late')], 1002, {
      messages: [said('good')],
    }),
    fails(rfc, `${name}, amid a message`, [text('a', OPEN), bad, more('b')], 1002),
  ];
}

const bits: Case[] = RSV.flatMap((rsv) => [
  ...everywhere('§5.2', `RSV bits ${rsv} on a ping`, ping('x', { rsv })),
  ...everywhere('§5.2', `RSV bits ${rsv} on a close`, close(1000, '', { rsv })),
  fails('§5.2', `RSV bits ${rsv} on a text`, [text('x', { rsv })], 1002),
  fails('§5.2', `RSV bits ${rsv} on an empty text`, [text('', { rsv })], 1002),
  fails('§5.2', `RSV bits ${rsv} on a first fragment`, [text('x', { rsv, fin: false }), more('y')], 1002),
  fails('§5.2', `RSV bits ${rsv} on a continuation`, [text('x', OPEN), more('y', { rsv })], 1002),
]);

const opcodes: Case[] = RESERVED_OPCODES.flatMap((opcode) => [
  ...everywhere('§5.2', `opcode ${opcode}`, { opcode }),
  ...everywhere('§5.2', `opcode ${opcode} with a payload`, { opcode, payload: Buffer.from('reserved') }),
  fails('§5.2', `opcode ${opcode} without FIN`, [{ opcode, fin: false }], 1002),
]);

/** RFC 6455 §5.2: bits and opcodes that mean nothing yet. */
export const RESERVED: readonly Case[] = [...bits, ...opcodes];
