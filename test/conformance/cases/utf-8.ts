import { binary, close, type FrameSpec, more, OPEN, text } from '../../support/raw-frames.ts';
import { type Case, fails, passes, said, saidBinary } from '../case.ts';

const hex = (digits: string): Buffer => Buffer.from(digits.replaceAll(' ', ''), 'hex');
const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i);
const shown = (bytes: Buffer): string => bytes.toString('hex').replace(/(..)(?=.)/g, '$1 ');

/** Well-formed by RFC 3629: the first and last of each length, both sides of the surrogates, and non-characters. */
export const WELL_FORMED: readonly Buffer[] = [
  '00',
  '7f',
  'c2 80',
  'df bf',
  'e0 a0 80',
  'ef bf bf',
  'f0 90 80 80',
  'f4 8f bf bf',
  'ed 9f bf',
  'ee 80 80',
  'ef bf bd',
  'ef bb bf',
  'e2 80 ae',
  'e2 80 a8',
  'ef bf be',
  'ef b7 90',
  'f0 9f bf be',
  'f0 9f bf bf',
  'f4 8f bf be',
  'f3 af bf bf',
  'ce ba e1 bd b9 cf 83 ce bc ce b5',
  '48 65 6c 6c 6f 2d c2 b5 40 c3 9f c3 b6 c3 a4 c3 bc c3 a0 c3 a1 2d 55 54 46 2d 38 21 21',
  'f0 9f 91 a9 e2 80 8d f0 9f 9a 80',
].map(hex);

/** Ill-formed, by class. Every one is refused wherever it stands in a message. */
export const ILL_FORMED: Readonly<Record<string, readonly Buffer[]>> = {
  'a continuation byte alone': range(0x80, 0xbf).map((byte) => Buffer.from([byte])),
  'continuation bytes in a row': range(2, 7).map((count) => Buffer.alloc(count, '80bf', 'hex')),
  'a start byte and then a space': range(0xc0, 0xfd).map((byte) => Buffer.from([byte, 0x20])),
  'a start byte alone': range(0xc0, 0xfd).map((byte) => Buffer.from([byte])),
  'a sequence that is cut short': [
    'c2',
    'df',
    'e0 a0',
    'ed 9f',
    'ef bf',
    'f0 90',
    'f0 90 80',
    'f4 8f',
    'f4 8f bf',
    'e1',
    'f1',
    'f1 80',
    'c2 c2 80',
    'e1 80 e1 80 80',
    'f1 80 80 41',
    'f1 80 80 f1 80 80 80',
  ].map(hex),
  'bytes that are never UTF-8': ['fe', 'ff', 'fe fe ff ff'].map(hex),
  overlong: [
    'c0 80',
    'c0 af',
    'c1 bf',
    'e0 80 80',
    'e0 80 af',
    'e0 9f bf',
    'f0 80 80 80',
    'f0 80 80 af',
    'f0 8f bf bf',
    'f8 80 80 80 af',
    'f8 87 bf bf bf',
    'fc 80 80 80 80 af',
    'fc 83 bf bf bf bf',
  ].map(hex),
  'a surrogate': [
    'ed a0 80',
    'ed ad bf',
    'ed ae 80',
    'ed af bf',
    'ed b0 80',
    'ed be 80',
    'ed bf bf',
    'ed a0 80 ed b0 80',
    'ed ad bf ed bf bf',
    'ed af bf ed bf bf',
  ].map(hex),
  'beyond U+10FFFF': [
    'f4 90 80 80',
    'f5 80 80 80',
    'f7 bf bf bf',
    'f8 88 80 80 80',
    'fb bf bf bf bf',
    'fd bf bf bf bf bf',
  ].map(hex),
};

/** One fragment a byte; an empty message is one empty frame. */
function byteByByte(bytes: Buffer): FrameSpec[] {
  if (bytes.length < 2) return [text(bytes)];
  return [...bytes].map((byte, i) => {
    const rest = { fin: i === bytes.length - 1 };
    return i === 0 ? text(Buffer.from([byte]), rest) : more(Buffer.from([byte]), rest);
  });
}

const good: Case[] = WELL_FORMED.flatMap((bytes) => [
  passes('§5.6', `the text ${shown(bytes)}`, [text(bytes)], { messages: [said(bytes)] }),
  passes('§5.6', `the text ${shown(bytes)}, a fragment a byte`, byteByByte(bytes), {
    messages: [said(bytes)],
  }),
]);

const bad: Case[] = Object.entries(ILL_FORMED).flatMap(([kind, samples]) =>
  samples.flatMap((bytes) => {
    const amid = Buffer.concat([Buffer.from('κόσμε'), bytes, Buffer.from('edited')]);
    return [
      fails('§8.1', `${kind}: ${shown(bytes)}`, [text(bytes)], 1007),
      fails('§8.1', `${kind}: ${shown(bytes)}, amid good text`, [text(amid), text('late')], 1007),
      ...(bytes.length > 1
        ? [fails('§8.1', `${kind}: ${shown(bytes)}, a fragment a byte`, byteByByte(bytes), 1007)]
        : []),
    ];
  }),
);

const ill = hex('ce ba ed a0 80');

const places: Case[] = [
  fails(
    '§8.1',
    'a bad byte in the first of three fragments',
    [text(ill, OPEN), more('b', OPEN), more('c')],
    1007,
  ),
  fails(
    '§8.1',
    'a bad byte in the second of three fragments',
    [text('a', OPEN), more(ill, OPEN), more('c')],
    1007,
  ),
  fails(
    '§8.1',
    'a bad byte in the last of three fragments',
    [text('a', OPEN), more('b', OPEN), more(ill)],
    1007,
  ),
  fails(
    '§8.1',
    'a character begun in one message and ended in the next',
    [text(hex('ce')), text(hex('ba'))],
    1007,
  ),
  fails('§8.1', 'a good text, then a bad one', [text('good'), text(ill), text('late')], 1007, {
    messages: [said('good')],
  }),
  passes('§5.6', 'bytes that are not UTF-8 as binary', [binary(ill)], { messages: [saidBinary(ill)] }),
  fails('§5.5.1', 'a close with a bad reason', [close(1000, ill)], 1007),
  fails('§5.5.1', 'a close with a reason that is cut short', [close(1000, hex('f0 9f 91'))], 1007),
];

/** RFC 6455 §8.1, RFC 3629. */
export const UTF_8: readonly Case[] = [...good, ...bad, ...places];
