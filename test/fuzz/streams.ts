import type { Sender } from '../support/play.ts';
import { encode, type FrameSpec, OPCODE } from '../support/raw-frames.ts';
import type { Random } from './random.ts';

/** A stream of frames, and where each of them begins. */
export interface Stream {
  readonly bytes: Buffer;
  readonly starts: readonly number[];
}

const CODES = [1000, 1001, 1003, 1007, 1011, 1014, 3000, 4999];
const LETTERS = ['a', 'é', '€', '😀', '\u0000', '\uffff', '{"type":"chat"}', 'κόσμε'];

/** A stream that RFC 6455 allows: messages, whole or in fragments, with control frames among them. */
export function validStream(random: Random, from: Sender): Stream {
  const frames: FrameSpec[] = [];
  const messages = 1 + random.below(4);
  for (let i = 0; i < messages; i++) addMessage(frames, random);
  if (random.oneIn(4)) frames.push(closeFrame(random));
  return assemble(frames.map((spec) => encode({ ...spec, mask: random.bytes(4) }, from === 'client')));
}

export function assemble(frames: readonly Buffer[]): Stream {
  const starts: number[] = [];
  let at = 0;
  for (const frame of frames) {
    starts.push(at);
    at += frame.length;
  }
  return { bytes: Buffer.concat(frames), starts };
}

/** The frames of a stream, cut at its `starts`. */
export function framesOf({ bytes, starts }: Stream): Buffer[] {
  return starts.map((start, i) => bytes.subarray(start, starts[i + 1]));
}

/** Up to six pieces, now and then single bytes. */
export function cutAnywhere(bytes: Buffer, random: Random): Buffer[] {
  if (random.oneIn(40)) return Array.from(bytes, (_, i) => bytes.subarray(i, i + 1));
  const cuts = Array.from({ length: random.below(6) }, () => random.below(bytes.length + 1)).sort(
    (a, b) => a - b,
  );
  return [0, ...cuts].map((from, i) => bytes.subarray(from, cuts[i] ?? bytes.length));
}

function addMessage(frames: FrameSpec[], random: Random): void {
  const isText = random.below(3) > 0;
  const payload = isText ? textOf(random) : random.bytes(lengthOf(random));
  const fragments = random.oneIn(2) ? 1 : 1 + random.below(5);
  const cuts = Array.from({ length: fragments - 1 }, () => random.below(payload.length + 1)).sort(
    (a, b) => a - b,
  );
  [0, ...cuts].forEach((from, i) => {
    if (random.oneIn(5)) frames.push(controlFrame(random));
    const opcode = i > 0 ? OPCODE.continuation : isText ? OPCODE.text : OPCODE.binary;
    frames.push({
      opcode,
      payload: payload.subarray(from, cuts[i] ?? payload.length),
      fin: i === fragments - 1,
    });
  });
}

function textOf(random: Random): Buffer {
  const wanted = lengthOf(random);
  let text = '';
  while (text.length < wanted) text += random.pick(LETTERS);
  return Buffer.from(text);
}

/** Mostly short, sometimes at the boundaries of the length field. */
function lengthOf(random: Random): number {
  if (random.oneIn(12)) return random.pick([125, 126, 127, 300, 1_000]);
  return random.below(24);
}

function controlFrame(random: Random): FrameSpec {
  const opcode = random.oneIn(3) ? OPCODE.pong : OPCODE.ping;
  return { opcode, payload: random.bytes(random.oneIn(10) ? 125 : random.below(8)) };
}

function closeFrame(random: Random): FrameSpec {
  if (random.oneIn(4)) return { opcode: OPCODE.close };
  const code = random.pick(CODES);
  const reason = Buffer.from(random.pick(['', 'bye', '€']));
  return { opcode: OPCODE.close, payload: Buffer.concat([Buffer.from([code >> 8, code & 0xff]), reason]) };
}
