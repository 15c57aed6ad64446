import { binary, type FrameSpec, more, OPEN, text } from '../../support/raw-frames.ts';
import { BOUNDS, type Case, fails, passes, said, saidBinary } from '../case.ts';

const KiB = 1_024;
const MiB = 1_024 * KiB;
const { maxBytes, maxFragments } = BOUNDS.narrow;

const filler = (length: number): Buffer => Buffer.alloc(length, 'The quick brown fox. ');

function inFragments(payload: Buffer, size: number, make: typeof text | typeof binary): FrameSpec[] {
  const frames: FrameSpec[] = [];
  for (let at = 0; at < payload.length; at += size) {
    const part = payload.subarray(at, at + size);
    const rest = { fin: at + size >= payload.length };
    frames.push(at === 0 ? make(part, rest) : more(part, rest));
  }
  return frames;
}

/** Large messages, whole, in fragments and in pieces. */
const large: Case[] = [
  ...[64 * KiB, 256 * KiB, MiB, 4 * MiB, 16 * MiB].flatMap((size) => [
    passes('§5.2', `text of ${size / KiB} KiB`, [text(filler(size))], {
      bounds: 'wide',
      messages: [said(filler(size))],
    }),
    passes('§5.2', `binary of ${size / KiB} KiB`, [binary(filler(size))], {
      bounds: 'wide',
      messages: [saidBinary(filler(size))],
    }),
  ]),
  ...[64, 256, KiB, 4 * KiB, 64 * KiB, 256 * KiB].map((size) =>
    passes('§5.4', `text of 1 MiB in fragments of ${size} bytes`, inFragments(filler(MiB), size, text), {
      bounds: 'wide',
      messages: [said(filler(MiB))],
    }),
  ),
  ...[64, 256, KiB, 4 * KiB].map((pieces) =>
    passes('§5.2', `binary of 256 KiB in pieces of ${pieces} bytes`, [binary(filler(256 * KiB))], {
      bounds: 'wide',
      pieces,
      messages: [saidBinary(filler(256 * KiB))],
    }),
  ),
  passes('§5.4', 'text of 64 KiB in fragments of 1,300 bytes', inFragments(filler(64 * KiB), 1_300, text), {
    messages: [said(filler(64 * KiB))],
  }),
  passes(
    '§5.2',
    'a thousand texts in one piece',
    Array.from({ length: 1_000 }, (_, i) => text(`message ${i}`)),
    {
      messages: Array.from({ length: 1_000 }, (_, i) => said(`message ${i}`)),
    },
  ),
];

/** The limit itself, and one byte or fragment more (§10.4). The payload that is announced never has to be sent. */
const edges: Case[] = [
  passes('§10.4', 'a message of exactly the limit', [text(filler(maxBytes))], {
    messages: [said(filler(maxBytes))],
  }),
  fails('§10.4', 'a message of one byte more', [text(filler(maxBytes + 1))], 1009),
  fails(
    '§10.4',
    'one byte more, announced and not sent',
    [text('', { declares: BigInt(maxBytes + 1) })],
    1009,
  ),
  fails('§10.4', '2^32 bytes announced', [binary('', { declares: 2n ** 32n })], 1009),
  fails('§10.4', '2^53 bytes announced', [binary('', { declares: 2n ** 53n })], 1009),
  fails('§10.4', '2^63 - 1 bytes announced', [binary('', { declares: 2n ** 63n - 1n })], 1009),
  fails('§5.2', '2^63 bytes announced', [binary('', { declares: 2n ** 63n })], 1002, {
    ws: {
      expect: { end: { how: 'failed', code: 1009 } },
      why: 'ws takes the highest bit for size, not for a broken rule',
    },
  }),
  fails('§5.2', '2^64 - 1 bytes announced', [binary('', { declares: 2n ** 64n - 1n })], 1002, {
    ws: {
      expect: { end: { how: 'failed', code: 1009 } },
      why: 'ws takes the highest bit for size, not for a broken rule',
    },
  }),
  passes('§10.4', 'fragments that add up to the limit', inFragments(filler(maxBytes), 32 * KiB, text), {
    messages: [said(filler(maxBytes))],
  }),
  fails(
    '§10.4',
    'fragments that add up to more',
    [text(filler(maxBytes), OPEN), more('x', OPEN), more('y')],
    1009,
  ),
  fails(
    '§10.4',
    'a last fragment that announces too much',
    [text('x', OPEN), more('', { declares: BigInt(maxBytes) })],
    1009,
  ),
  passes('§10.4', 'as many fragments as allowed', inFragments(filler(maxFragments), 1, text), {
    messages: [said(filler(maxFragments))],
  }),
  fails('§10.4', 'one fragment more', inFragments(filler(maxFragments + 1), 1, text), 1008),
  fails(
    '§10.4',
    'empty fragments without end',
    [text('', OPEN), ...Array.from({ length: 500 }, () => more('', OPEN))],
    1008,
  ),
];

/** RFC 6455 §10.4: sizes, up to the limit and over it. */
export const LIMITS: readonly Case[] = [...large, ...edges];
