import { binary, more, OPEN, text } from '../../support/raw-frames.ts';
import { type Case, fails, passes, said, saidBinary } from '../case.ts';

/** Each side of every boundary of the length field (RFC 6455 §5.2). */
const LENGTHS = [0, 1, 124, 125, 126, 127, 128, 65_534, 65_535, 65_536];

const KEYS = ['00000000', 'ffffffff', '00ff00ff', '80000000', '00000001'];

const letters = (length: number): Buffer => Buffer.alloc(length, 'abcdefghijklmnopqrstuvwxyz');
const noise = (length: number): Buffer =>
  Buffer.from(Array.from({ length }, (_, i) => (i * 167 + 13) & 0xff));

const lengths: Case[] = LENGTHS.flatMap((length) => [
  passes('§5.2', `text of ${length} bytes`, [text(letters(length))], { messages: [said(letters(length))] }),
  passes('§5.2', `binary of ${length} bytes`, [binary(noise(length))], {
    messages: [saidBinary(noise(length))],
  }),
]);

const keys: Case[] = KEYS.map((hex) =>
  passes('§5.3', `a masking key of ${hex}`, [text(letters(300), { mask: Buffer.from(hex, 'hex') })], {
    messages: [said(letters(300))],
  }),
);

const keyOfEach: Case = passes(
  '§5.3',
  'a masking key of its own for each fragment',
  KEYS.map((hex, i) => {
    const rest = { mask: Buffer.from(hex, 'hex'), fin: i === KEYS.length - 1 };
    return i === 0 ? text('part 0 ', rest) : more(`part ${i} `, rest);
  }),
  { messages: [said('part 0 part 1 part 2 part 3 part 4 ')] },
);

/** FR-15: "the minimal number of bytes MUST be used". ws reads on, which is a deviation of its own. */
const lax = (length: number): NonNullable<Case['ws']> => ({
  expect: { messages: [said(letters(length))], end: { how: 'open' } },
  why: 'ws takes lengths of more bytes than needed',
});

const padded: Case[] = (
  [
    [0, 16],
    [5, 16],
    [125, 16],
    [0, 64],
    [125, 64],
    [126, 64],
    [65_535, 64],
  ] as const
).map(([length, bits]) =>
  fails(
    '§5.2',
    `${length} bytes announced in ${bits} bits`,
    [text(letters(length), { lengthBits: bits })],
    1002,
    {
      ws: lax(length),
    },
  ),
);

const masking: Case[] = [
  fails('§5.1', 'text with the wrong masking', [text('bare', { mask: 'wrong' })], 1002),
  fails('§5.1', 'binary with the wrong masking', [binary('bare', { mask: 'wrong' })], 1002),
  fails('§5.1', 'an empty text with the wrong masking', [text('', { mask: 'wrong' })], 1002),
  fails(
    '§5.1',
    'a good text, then one with the wrong masking',
    [text('good'), text('bad', { mask: 'wrong' })],
    1002,
    {
      messages: [said('good')],
    },
  ),
  fails(
    '§5.1',
    'a second fragment with the wrong masking',
    [text('a', OPEN), more('b', { mask: 'wrong' })],
    1002,
  ),
];

/** RFC 6455 §5.1 to §5.3: lengths and masks. */
export const DATA_FRAMES: readonly Case[] = [...lengths, ...keys, keyOfEach, ...padded, ...masking];
