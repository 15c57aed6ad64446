// Compressed streams, whole and broken: what gets through is what zlib makes of it, and nothing larger than the limit.
import { inflateRawSync, constants as zlib } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { deflated } from '../support/deflated.ts';
import { openRoute } from '../support/memory-session.ts';
import { play } from '../support/play.ts';
import { encode, type FrameSpec, OPCODE, RSV1 } from '../support/raw-frames.ts';
import { line } from '../support/verdict.ts';
import { Random } from './random.ts';
import { cutAnywhere } from './streams.ts';

const SEED = Number(process.env.FUZZ_SEED ?? 7692);
const MAX_BYTES = 4_096;
const route = openRoute({ maxBytes: MAX_BYTES });

const WORDS = ['{"type":"chat"}', 'κόσμε', '😀', 'a', ' ', '0'.repeat(500)];

interface Told {
  readonly binary: boolean;
  readonly plain: Buffer;
}

function message(random: Random): Told {
  const binary = random.oneIn(3);
  if (binary) return { binary, plain: random.bytes(random.below(600)) };
  const words = Array.from({ length: random.below(12) }, () => random.pick(WORDS));
  return { binary, plain: Buffer.from(words.join('')) };
}

function compressed(plain: Buffer, random: Random): Buffer {
  return deflated(plain, {
    level: random.below(10),
    windowBits: 9 + random.below(7),
    memLevel: 1 + random.below(9),
  });
}

/** One compressed message in one to four fragments. */
function frames(body: Buffer, binary: boolean, random: Random): Buffer {
  const cuts = Array.from({ length: random.below(4) }, () => random.below(body.length + 1)).sort(
    (a, b) => a - b,
  );
  const specs = [0, ...cuts].map((from, i): FrameSpec => {
    const opcode = i > 0 ? OPCODE.continuation : binary ? OPCODE.binary : OPCODE.text;
    const payload = body.subarray(from, cuts[i] ?? body.length);
    return { opcode, payload, fin: i === cuts.length, rsv: i === 0 ? RSV1 : 0, mask: random.bytes(4) };
  });
  return Buffer.concat(specs.map((spec) => encode(spec, true)));
}

describe(`compressed streams of seed ${SEED}`, { timeout: 60_000 }, () => {
  it('come through as they went in', () => {
    const random = new Random(SEED);
    for (let i = 0; i < 1_000; i++) {
      const told = Array.from({ length: 1 + random.below(3) }, () => message(random));
      const bytes = told.map(({ plain, binary }) => frames(compressed(plain, random), binary, random));
      const { messages, end, code } = play(cutAnywhere(Buffer.concat(bytes), random), route, 'client', true);
      const tooBig = told.findIndex(({ plain }) => plain.length > MAX_BYTES);
      const passed = tooBig < 0 ? told : told.slice(0, tooBig);
      expect(messages).toEqual(passed.map(({ binary, plain }) => line(binary, plain)));
      expect([end, code]).toEqual(tooBig < 0 ? ['open', 0] : ['failed', 1009]);
    }
  });

  it('and broken are refused, or are what zlib reads in them', () => {
    const random = new Random(SEED + 1);
    const ends: Record<string, number> = {};
    for (let i = 0; i < 3_000; i++) {
      const { binary, plain } = message(random);
      const body = damaged(compressed(plain, random), random);
      const { messages, end, code } = play(
        cutAnywhere(frames(body, binary, random), random),
        route,
        'client',
        true,
      );
      ends[end === 'failed' ? code : end] = (ends[end === 'failed' ? code : end] ?? 0) + 1;
      expect([0, 1007, 1009], body.toString('hex')).toContain(code);
      const wanted = messages.length === 0 ? [] : [line(binary, referee(body))];
      expect(messages, body.toString('hex')).toEqual(wanted);
    }
    expect(ends['1007']).toBeGreaterThan(500);
    expect(ends.open).toBeGreaterThan(200);
  });
});

function damaged(body: Buffer, random: Random): Buffer {
  const out = Buffer.from(body);
  for (let i = random.below(3); i >= 0 && out.length > 0; i--) {
    out[random.below(out.length)]! ^= 1 << random.below(8);
  }
  return random.oneIn(5) ? out.subarray(0, random.below(out.length + 1)) : out;
}

/** RFC 7692 §7.2.2 in its own words: append 00 00 ff ff and inflate. */
function referee(body: Buffer): Buffer {
  return inflateRawSync(Buffer.concat([body, Buffer.from('0000ffff', 'hex')]), {
    finishFlush: zlib.Z_SYNC_FLUSH,
  });
}
