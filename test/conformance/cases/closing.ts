import { close, type FrameSpec, more, OPCODE, OPEN, ping, text } from '../../support/raw-frames.ts';
import { type Case, closes, fails, inSingleBytes, said } from '../case.ts';

const VALID = [
  1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999,
];
/** Reserved, never to be sent, not yet given away, or outside all ranges (§7.4). */
const INVALID = [0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 1999, 2000, 2999, 5000, 65_535];

const ours = (name: string, send: readonly FrameSpec[], codes = [1000]): Case =>
  closes('§5.5.1', name, send, codes);

const clean: Case[] = [
  ours('an empty close', [close()], [1000, 1005]),
  ...VALID.map((code) => closes('§7.4', `a close with ${code}`, [close(code)], [code])),
  ours('a close with a reason', [close(1000, 'going home')]),
  ours('a close with a reason of 123 bytes', [close(1000, 'r'.repeat(123))]),
  ours('a close with a reason of 123 bytes in 41 characters', [close(1000, '€'.repeat(41))]),
  closes('§5.5.1', 'a close after a text', [text('hello'), close(1000)], [1000], {
    messages: [said('hello')],
  }),
  closes('§7.1.1', 'a close amid a message', [text('unfin', OPEN), close(1000)], [1000]),
];

/** Nothing that stands after a Close is read (§5.5.1, §7.1.1). */
const ignored: Case[] = (
  [
    ['another close', [close(4000)]],
    ['a text', [text('late')]],
    ['a ping', [ping('late')]],
    ['a bad frame', [text('late', { rsv: 7 })]],
    ['a close that is no close', [close(1005)]],
    ['a frame that never ends', [text('x', { declares: 1_000_000n })]],
    ['10,000 closes', Array.from({ length: 10_000 }, () => close(1000))],
  ] as const
).map(([name, after]) => ours(`a close, then ${name}`, [close(1000), ...after]));

const continued: Case = ours('a close amid a message, then its end', [
  text('unfin', OPEN),
  close(1000),
  more('ished'),
]);

const broken: Case[] = [
  fails('§5.5.1', 'a close of one byte', [{ opcode: OPCODE.close, payload: Buffer.from([3]) }], 1002),
  ...INVALID.map((code) => fails('§7.4', `a close with ${code}`, [close(code)], 1002)),
  ...INVALID.map((code) => fails('§7.4', `a close with ${code} and a reason`, [close(code, 'why')], 1002)),
  fails('§5.5', 'a close with a reason of 124 bytes', [close(1000, 'r'.repeat(124))], 1002),
];

/** RFC 6455 §5.5.1 and §7. */
export const CLOSING: readonly Case[] = [...clean, ...inSingleBytes(clean), ...ignored, continued, ...broken];
