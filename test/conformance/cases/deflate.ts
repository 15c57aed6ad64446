import { deflated, noise } from '../../support/deflated.ts';
import {
  binary,
  close,
  type FrameSpec,
  more,
  OPEN,
  ping,
  pong,
  RSV1,
  RSV2,
  RSV3,
  text,
} from '../../support/raw-frames.ts';
import { BOUNDS, type Case, fails, passes, said, saidBinary } from '../case.ts';

/** What a browser offers. */
const OFFER = 'permessage-deflate; client_max_window_bits';
const KiB = 1_024;
const FIRST = { rsv: RSV1 } as const;
const FIRST_OPEN = { rsv: RSV1, fin: false } as const;

const hex = (digits: string): Buffer => Buffer.from(digits.replaceAll(' ', ''), 'hex');
const prose = (length: number): Buffer =>
  Buffer.alloc(
    length,
    '{"type":"chat.send","room":"lobby","text":"κόσμε"}'.normalize('NFKD').replace(/[^ -~]/g, 'k'),
  );

/** A compressed message in fragments of this many bytes; RSV1 stands on the first alone (§6). */
function inFragments(body: Buffer, size: number, make: typeof text | typeof binary): FrameSpec[] {
  const frames: FrameSpec[] = [];
  for (let at = 0; at < body.length; at += size) {
    const rest = { fin: at + size >= body.length };
    const part = body.subarray(at, at + size);
    frames.push(at === 0 ? make(part, { ...rest, ...FIRST }) : more(part, rest));
  }
  return frames;
}

const offered = { offer: OFFER } as const;
const hello = { ...offered, messages: [said('Hello')] };

const sizes: Case[] = [
  0,
  1,
  16,
  64,
  256,
  KiB,
  4 * KiB,
  8 * KiB,
  16 * KiB,
  32 * KiB,
  64 * KiB,
  128 * KiB,
].flatMap((size) => {
  const wide = { ...offered, bounds: 'wide' } as const;
  return [
    passes('7692 §7.2', `text of ${size} bytes that compresses well`, [text(deflated(prose(size)), FIRST)], {
      ...wide,
      messages: [said(prose(size))],
    }),
    passes(
      '7692 §7.2',
      `binary of ${size} bytes that does not compress`,
      [binary(deflated(noise(size)), FIRST)],
      {
        ...wide,
        messages: [saidBinary(noise(size))],
      },
    ),
    passes(
      '7692 §6',
      `text of ${size} bytes in three fragments`,
      inFragments(deflated(prose(size)), Math.ceil(deflated(prose(size)).length / 3), text),
      {
        ...wide,
        messages: [said(prose(size))],
      },
    ),
  ];
});

const levels: Case[] = [
  ...[0, 1, 6, 9].map((level) =>
    passes(
      '7692 §7.2.3',
      `text deflated at level ${level}`,
      [text(deflated(prose(5_000), { level }), FIRST)],
      {
        ...offered,
        messages: [said(prose(5_000))],
      },
    ),
  ),
  ...[9, 10, 12, 15].map((windowBits) =>
    passes(
      '7692 §7.1.2',
      `text deflated in a window of ${windowBits} bits`,
      [text(deflated(prose(5_000), { windowBits }), FIRST)],
      {
        ...offered,
        messages: [said(prose(5_000))],
      },
    ),
  ),
  passes(
    '7692 §7.2',
    'a hundred messages',
    Array.from({ length: 100 }, (_, i) => text(deflated(prose(200 + i)), FIRST)),
    {
      ...offered,
      messages: Array.from({ length: 100 }, (_, i) => said(prose(200 + i))),
    },
  ),
  passes(
    '7692 §6',
    'text in fragments of one byte',
    inFragments(deflated(Buffer.from('Hello')), 1, text),
    hello,
  ),
  {
    ...passes('7692 §6', 'text in single bytes', [text(deflated(prose(500)), FIRST)], {
      ...offered,
      messages: [said(prose(500))],
    }),
    pieces: 1,
  },
];

/** The examples of RFC 7692 §7.2.3, and other shapes that deflate allows. */
const shapes: Case[] = [
  passes('7692 §7.2.3.1', 'a message of one block', [text(hex('f2 48 cd c9 c9 07 00'), FIRST)], hello),
  passes(
    '7692 §7.2.3.1',
    'a message of one block in two fragments',
    [text(hex('f2 48 cd'), FIRST_OPEN), more(hex('c9 c9 07 00'))],
    hello,
  ),
  passes(
    '7692 §7.2.3.3',
    'a block without compression',
    [text(hex('00 05 00 fa ff 48 65 6c 6c 6f 00'), FIRST)],
    hello,
  ),
  passes('7692 §7.2.3.4', 'a block with BFINAL set', [text(hex('f3 48 cd c9 c9 07 00 00'), FIRST)], hello),
  passes(
    '7692 §7.2.3.4',
    'a block with BFINAL set, and another message',
    [text(hex('f3 48 cd c9 c9 07 00 00'), FIRST), text(hex('f2 48 cd c9 c9 07 00'), FIRST)],
    {
      ...offered,
      messages: [said('Hello'), said('Hello')],
    },
  ),
  passes(
    '7692 §7.2.3.5',
    'two blocks in one message',
    [text(hex('f2 48 05 00 00 00 ff ff ca c9 c9 07 00'), FIRST)],
    hello,
  ),
  passes('7692 §7.2.3.6', 'an empty message', [text(hex('00'), FIRST)], { ...offered, messages: [said('')] }),
  passes(
    '7692 §6',
    'an empty first fragment',
    [text('', FIRST_OPEN), more(hex('f2 48 cd c9 c9 07 00'))],
    hello,
  ),
  passes(
    '7692 §6',
    'an empty last fragment',
    [text(hex('f2 48 cd c9 c9 07 00'), FIRST_OPEN), more('')],
    hello,
  ),
  passes(
    '7692 §6',
    'a ping amid a compressed message',
    [text(hex('f2 48 cd'), FIRST_OPEN), ping('p'), more(hex('c9 c9 07 00'))],
    {
      ...hello,
      pongs: ['p'],
    },
  ),
  passes(
    '7692 §6',
    'a message that is not compressed among those that are',
    [text('plain'), text(hex('f2 48 cd c9 c9 07 00'), FIRST), text('pl', OPEN), more('ain')],
    {
      ...offered,
      messages: [said('plain'), said('Hello'), said('plain')],
    },
  ),
];

const misplaced: Case[] = [
  fails(
    '7692 §6.1',
    'RSV1 on a continuation',
    [text(hex('f2 48 cd'), FIRST_OPEN), more(hex('c9 c9 07 00'), FIRST)],
    1002,
    offered,
  ),
  fails('7692 §6.1', 'RSV1 on a continuation alone', [text('He', OPEN), more('llo', FIRST)], 1002, offered),
  fails('7692 §6.1', 'RSV1 on a ping', [ping('p', FIRST)], 1002, offered),
  fails('7692 §6.1', 'RSV1 on a pong', [pong('p', FIRST)], 1002, offered),
  fails('7692 §6.1', 'RSV1 on a close', [close(1000, '', FIRST)], 1002, offered),
  fails('§5.2', 'RSV1 and RSV2', [text('x', { rsv: RSV1 | RSV2 })], 1002, offered),
  fails('§5.2', 'RSV3', [text('x', { rsv: RSV3 })], 1002, offered),
  fails('§5.2', 'opcode 3 with RSV1', [{ opcode: 3, rsv: RSV1 }], 1002, offered),
  fails(
    '7692 §7.2.1',
    'RSV1 where compression was not agreed',
    [text(hex('f2 48 cd c9 c9 07 00'), FIRST)],
    1002,
  ),
];

const corrupt: Case[] = (
  [
    ['a block of type 3', '07 00 00 00'],
    ['a stored block whose lengths disagree', '00 05 00 00 00 48 65 6c 6c 6f 00'],
    ['a distance before the beginning', 'f2 00 11 00 00'],
    ['a bad dynamic table', '04 c0 ff ff ff ff ff ff'],
    ['bytes that are not deflate', 'ff ff ff ff ff'],
  ] as const
).map(([name, digits]) => fails('7692 §7.2.2', name, [text(hex(digits), FIRST)], 1007, offered));

/** PD-05. The gateway always agrees on no context takeover (§7.1.1.2): no message can reach back into another. */
const leaning: Case = fails(
  '7692 §7.1.1.2',
  'a message that leans on the one before',
  [text(hex('f2 48 cd c9 c9 07 00'), FIRST), text(hex('f2 00 11 00 00'), FIRST)],
  1007,
  {
    ...hello,
    ws: {
      expect: { messages: [said('Hello'), said('Hello')], end: { how: 'open' } },
      why: 'ws agrees to context takeover where the offer does not rule it out',
    },
  },
);

const utf8: Case[] = [
  fails(
    '§8.1',
    'ill-formed text in a compressed message',
    [text(deflated(hex('ce ba ed a0 80')), FIRST)],
    1007,
    offered,
  ),
  fails(
    '§8.1',
    'ill-formed text in a compressed message of two fragments',
    inFragments(deflated(hex('ce ba ed a0 80')), 4, text),
    1007,
    offered,
  ),
  passes(
    '§5.6',
    'a character cut between two compressed fragments',
    inFragments(deflated(Buffer.from('κόσμε')), 3, text),
    {
      ...offered,
      messages: [said('κόσμε')],
    },
  ),
  passes(
    '§5.6',
    'bytes that are not UTF-8 in a compressed binary',
    [binary(deflated(hex('ce ba ed a0 80')), FIRST)],
    {
      ...offered,
      messages: [saidBinary(hex('ce ba ed a0 80'))],
    },
  ),
];

const { maxBytes } = BOUNDS.narrow;
const zeros = (length: number): Buffer => Buffer.alloc(length, '0');

/** The limit is one of what a message inflates to (§10.4, and RFC 7692 §8). */
const bombs: Case[] = [
  passes('§10.4', 'a message that inflates to exactly the limit', [text(deflated(zeros(maxBytes)), FIRST)], {
    ...offered,
    messages: [said(zeros(maxBytes))],
  }),
  fails(
    '§10.4',
    'a message that inflates to one byte more',
    [text(deflated(zeros(maxBytes + 1)), FIRST)],
    1009,
    offered,
  ),
  fails(
    '§10.4',
    'a message that inflates to 16 MiB',
    [text(deflated(zeros(16 * KiB * KiB)), FIRST)],
    1009,
    offered,
  ),
  fails(
    '§10.4',
    'a message in fragments that inflates to 16 MiB',
    inFragments(deflated(zeros(16 * KiB * KiB)), KiB, binary),
    1009,
    offered,
  ),
  fails(
    '§10.4',
    'a compressed message that announces too much',
    [text('', { ...FIRST, declares: BigInt(maxBytes) * 2n })],
    1009,
    offered,
  ),
  fails(
    '§10.4',
    'empty fragments without end in a compressed message',
    [text('', FIRST_OPEN), ...Array.from({ length: 500 }, () => more('', OPEN))],
    1008,
    offered,
  ),
];

/** RFC 7692, on a route that compresses. The gateway's own messages are not compressed, which §6 allows at any time. */
export const DEFLATE: readonly Case[] = [
  ...sizes,
  ...levels,
  ...shapes,
  ...misplaced,
  ...corrupt,
  leaning,
  ...utf8,
  ...bombs,
];
