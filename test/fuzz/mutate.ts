import type { Random } from './random.ts';
import { assemble, framesOf, type Stream } from './streams.ts';

/** One way to break, or bend, a stream. What comes back shares no memory with what went in. */
type Mutation = (stream: Stream, random: Random, other: Stream) => Stream;

/** Edits one byte and keeps the frames' places, for the next mutation to aim at. */
function edit(stream: Stream, at: number, change: (byte: number) => number): Stream {
  const bytes = Buffer.from(stream.bytes);
  if (at < bytes.length) bytes[at] = change(bytes[at]!);
  return { bytes, starts: stream.starts };
}

/** Each is as likely as any other; names are printed when a stream fails. */
export const MUTATIONS: Readonly<Record<string, Mutation>> = {
  flipBit: (stream, random) =>
    edit(stream, random.below(stream.bytes.length), (byte) => byte ^ (1 << random.below(8))),

  replaceByte: (stream, random) => edit(stream, random.below(stream.bytes.length), () => random.below(256)),

  /** FIN, RSV or opcode of one frame. */
  editFirstByte: (stream, random) =>
    edit(stream, random.pick(stream.starts), (byte) =>
      random.oneIn(2) ? byte ^ (1 << random.below(8)) : (byte & 0xf0) | random.below(16),
    ),

  /** MASK or the 7-bit length of one frame: all that follows is read at the wrong place. */
  editSecondByte: (stream, random) =>
    edit(stream, random.pick(stream.starts) + 1, (byte) =>
      random.oneIn(4) ? byte ^ 0x80 : (byte & 0x80) | random.below(128),
    ),

  /** The length of one frame in more bits, mostly right, sometimes far too much. */
  widenLength: (stream, random) => onFrame(stream, random, (frame) => widened(frame, random)),

  /** One frame in two fragments, its payload and mask kept as they stand. */
  splitFrame: (stream, random) => onFrame(stream, random, (frame) => halved(frame, random)),

  dropFrame: (stream, random) => {
    const frames = framesOf(stream);
    frames.splice(random.below(frames.length), 1);
    return frames.length > 0 ? assemble(frames) : stream;
  },

  repeatFrame: (stream, random) => {
    const frames = framesOf(stream);
    const at = random.below(frames.length);
    frames.splice(random.below(frames.length + 1), 0, frames[at]!);
    return assemble(frames);
  },

  swapFrames: (stream, random) => {
    const frames = framesOf(stream);
    const [a, b] = [random.below(frames.length), random.below(frames.length)];
    [frames[a], frames[b]] = [frames[b]!, frames[a]!];
    return assemble(frames);
  },

  /** The beginning of one stream and the end of another, joined between frames. */
  spliceFrames: (stream, random, other) => {
    const head = framesOf(stream).slice(0, random.below(stream.starts.length + 1));
    const tail = framesOf(other).slice(random.below(other.starts.length));
    return assemble([...head, ...tail]);
  },

  /** The same, joined anywhere. */
  spliceBytes: (stream, random, other) => {
    const head = stream.bytes.subarray(0, random.below(stream.bytes.length + 1));
    return withBytes(stream, Buffer.concat([head, other.bytes.subarray(random.below(other.bytes.length))]));
  },

  truncate: (stream, random) =>
    withBytes(stream, Buffer.from(stream.bytes.subarray(0, random.below(stream.bytes.length) + 1))),

  deleteBytes: (stream, random) => {
    const at = random.below(stream.bytes.length);
    const rest = stream.bytes.subarray(at + 1 + random.below(4));
    return withBytes(stream, Buffer.concat([stream.bytes.subarray(0, at), rest]));
  },

  insertBytes: (stream, random) => {
    const at = random.below(stream.bytes.length + 1);
    const { bytes } = stream;
    return withBytes(
      stream,
      Buffer.concat([bytes.subarray(0, at), random.bytes(1 + random.below(4)), bytes.subarray(at)]),
    );
  },
};

const NAMES = Object.keys(MUTATIONS);

export interface Mutant {
  readonly bytes: Buffer;
  readonly by: readonly string[];
}

/** A stream after one to three mutations; one in thirty stays as it was. */
export function mutant(stream: Stream, random: Random, other: Stream): Mutant {
  const by: string[] = [];
  const times = random.oneIn(30) ? 0 : 1 + random.below(3);
  let mutated = stream;
  for (let i = 0; i < times && mutated.bytes.length > 0; i++) {
    const name = random.pick(NAMES);
    mutated = MUTATIONS[name]!(mutated, random, other);
    by.push(name);
  }
  return { bytes: mutated.bytes, by };
}

/** New bytes; the frames that still begin inside them keep their places. */
function withBytes(stream: Stream, bytes: Buffer): Stream {
  const starts = stream.starts.filter((start) => start < bytes.length);
  return { bytes, starts: starts.length > 0 ? starts : [0] };
}

function onFrame(stream: Stream, random: Random, change: (frame: Buffer) => readonly Buffer[]): Stream {
  const frames = framesOf(stream);
  const at = random.below(frames.length);
  frames.splice(at, 1, ...change(frames[at]!));
  return assemble(frames);
}

/** A frame's parts; undefined where earlier mutations left too little of it to tell. */
function partsOf(frame: Buffer): { masked: number; key: Buffer; body: Buffer } | undefined {
  if (frame.length < 2) return undefined;
  const short = frame[1]! & 0x7f;
  const masked = frame[1]! & 0x80;
  const keyAt = 2 + (short === 126 ? 2 : short === 127 ? 8 : 0);
  const bodyAt = keyAt + (masked ? 4 : 0);
  if (frame.length < bodyAt) return undefined;
  return { masked, key: frame.subarray(keyAt, bodyAt), body: frame.subarray(bodyAt) };
}

function widened(frame: Buffer, random: Random): readonly Buffer[] {
  const parts = partsOf(frame);
  if (!parts) return [frame];
  const wide = random.oneIn(2);
  const field = Buffer.alloc(wide ? 8 : 2);
  if (wide) field.writeBigUInt64BE(BigInt(parts.body.length));
  else field.writeUInt16BE(parts.body.length);
  if (random.oneIn(3)) field[random.below(field.length)]! ^= 1 << random.below(8);
  const start = Buffer.from([frame[0]!, parts.masked | (wide ? 127 : 126)]);
  return [Buffer.concat([start, field, parts.key, parts.body])];
}

function halved(frame: Buffer, random: Random): readonly Buffer[] {
  const parts = partsOf(frame);
  if (!parts || parts.body.length < 1 || parts.body.length > 125) return [frame];
  const { masked, key, body } = parts;
  const first = random.below(body.length);
  return [
    Buffer.concat([Buffer.from([frame[0]! & 0x7f, masked | first]), key, body.subarray(0, first)]),
    Buffer.concat([
      Buffer.from([frame[0]! & 0x80, masked | (body.length - first)]),
      key,
      body.subarray(first),
    ]),
  ];
}
