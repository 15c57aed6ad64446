import { close, type FrameSpec, more, OPEN, ping, pong, text } from '../../support/raw-frames.ts';
import { type Case, fails, inSingleBytes, passes, said } from '../case.ts';

const full = Buffer.alloc(125, 0xfe);
const ten = Array.from({ length: 10 }, (_, i) => `payload-${i}`);

const answered: Case[] = [
  passes('§5.5.2', 'an empty ping', [ping()], { pongs: [''] }),
  passes('§5.5.2', 'a ping with text', [ping('Hello, world!')], { pongs: ['Hello, world!'] }),
  passes('§5.5.2', 'a ping with bytes that are not UTF-8', [ping(Buffer.from('00fffefdfcfb00ff', 'hex'))], {
    pongs: [Buffer.from('00fffefdfcfb00ff', 'hex')],
  }),
  passes('§5.5', 'a ping of 125 bytes', [ping(full)], { pongs: [full] }),
  passes(
    '§5.5.2',
    'ten pings',
    ten.map((payload) => ping(payload)),
    { pongs: ten },
  ),
  passes('§5.5.3', 'an empty pong nobody asked for', [pong(), text('on')], { messages: [said('on')] }),
  passes('§5.5.3', 'a pong with a payload nobody asked for', [pong('news'), text('on')], {
    messages: [said('on')],
  }),
  passes('§5.5.3', 'a pong nobody asked for, then a ping', [pong('news'), ping('you?')], { pongs: ['you?'] }),
  passes('§5.4', 'a ping between two fragments', [text('he', OPEN), ping('in between'), more('llo')], {
    messages: [said('hello')],
    pongs: ['in between'],
  }),
  passes(
    '§5.4',
    'ten pings among the fragments',
    [text('', OPEN), ...ten.flatMap((payload): FrameSpec[] => [more('x', OPEN), ping(payload)]), more('y')],
    { messages: [said('xxxxxxxxxxy')], pongs: ten },
  ),
];

/** Each rule of §5.5 for each control frame. */
const CONTROLS = [
  ['ping', ping],
  ['pong', pong],
  [
    'close',
    (payload: Buffer | string = '', rest = {}) => ({
      ...close(1000, '', rest),
      payload: Buffer.from(payload),
    }),
  ],
] as const;

const refused: Case[] = CONTROLS.flatMap(([name, make]) => [
  fails('§5.5', `a ${name} of 126 bytes`, [make(Buffer.alloc(126, 0x03))], 1002),
  fails('§5.5', `a ${name} of 65,536 bytes`, [make(Buffer.alloc(65_536, 0x03))], 1002),
  fails('§5.5', `an empty ${name} with its length in 16 bits`, [make('', { lengthBits: 16 })], 1002),
  fails('§5.5', `an empty ${name} with its length in 64 bits`, [make('', { lengthBits: 64 })], 1002),
  fails('§5.5', `a ${name} without FIN`, [make('', OPEN)], 1002),
  fails('§5.5', `a ${name} in two fragments`, [make('', OPEN), more('')], 1002),
  fails('§5.1', `a ${name} with the wrong masking`, [make('', { mask: 'wrong' })], 1002),
  fails(
    '§5.5',
    `a ${name} of 126 bytes amid a message`,
    [text('a', OPEN), make(Buffer.alloc(126, 0x03)), more('b')],
    1002,
  ),
  fails('§5.5', `a ${name} without FIN amid a message`, [text('a', OPEN), make('', OPEN), more('b')], 1002),
]);

/** RFC 6455 §5.5: ping and pong, and what all three control frames may not be. */
export const CONTROL_FRAMES: readonly Case[] = [...answered, ...inSingleBytes(answered), ...refused];
