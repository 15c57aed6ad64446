// FR-23, FR-24: what ws makes of a stream is what Sallyport makes of it, save for what `deviations.ts` says.
//
// FUZZ_STREAMS and FUZZ_SEED choose how many streams and which; the same seed makes the same streams.
import { afterAll, describe, expect, it } from 'vitest';
import type { Sender } from '../support/play.ts';
import { sameVerdict, type Verdict } from '../support/verdict.ts';
import { completed, type Expectation, expectationOf } from './deviations.ts';
import { minimise } from './minimise.ts';
import { mutant } from './mutate.ts';
import { Random } from './random.ts';
import { cutAnywhere, type Stream, validStream } from './streams.ts';
import { subject } from './subject.ts';

const STREAMS = Number(process.env.FUZZ_STREAMS ?? 200_000);
const SEED = Number(process.env.FUZZ_SEED ?? 6455);
const BATCHES = 20;
const CORPUS = 400;
const SENDERS = ['client', 'upstream'] as const satisfies Sender[];

const tally = new Map<string, number>();

describe(`${STREAMS} mutated streams, seed ${SEED}`, () => {
  it.each(Array.from({ length: BATCHES }, (_, i) => SEED * 1_000 + i))(
    'batch %i agrees with ws',
    (seed) => {
      const random = new Random(seed);
      const from = SENDERS[seed % 2]!;
      const corpus = Array.from({ length: CORPUS }, () => validStream(random, from));
      for (let i = 0; i < STREAMS / BATCHES; i++) {
        const fault = disagreement(corpus, random, from);
        if (fault) throw new Error(`batch ${seed}, stream ${i}, from the ${from}\n${fault}`);
      }
    },
    120_000,
  );

  afterAll(() => {
    const rows = [...tally].sort(([, a], [, b]) => b - a).map(([name, count]) => `  ${name}: ${count}`);
    console.info(`streams by verdict:\n${rows.join('\n')}`);
  });

  it('meets every class of verdict, and every deviation, often', () => {
    const all = [...tally.values()].reduce((sum, count) => sum + count, 0);
    expect(all).toBe(STREAMS);
    for (const [name, share] of Object.entries(AT_LEAST)) {
      expect((tally.get(name) ?? 0) / all, name).toBeGreaterThan(share);
    }
  });
});

/** A fuzzer whose mutations all end the same way would agree with anything. */
const AT_LEAST = {
  open: 0.1,
  closed: 0.02,
  'failed 1002': 0.2,
  'failed 1007': 0.05,
  'failed 1008': 0.02,
  'failed 1009': 0.01,
  lengthNotMinimal: 0.01,
  lengthHighBit: 0.0005,
};

/** Plays one mutated stream; says what is wrong, if anything is. */
function disagreement(corpus: readonly Stream[], random: Random, from: Sender): string | undefined {
  const { bytes, by } = mutant(random.pick(corpus), random, random.pick(corpus));
  const wanted = expectationOf(bytes, from);
  const chunks = cutAnywhere(bytes, random);
  count(wanted);
  if (agrees(chunks, bytes, wanted.verdict, from)) return undefined;
  return report(bytes, chunks, by, from);
}

/**
 * Whether Sallyport's verdict is the one that is wanted. One of the two readers may know sooner than the other: where
 * one still waits inside the last frame, both are asked again with that frame made whole.
 */
function agrees(chunks: readonly Buffer[], bytes: Buffer, wanted: Verdict, from: Sender): boolean {
  const verdict = subject(chunks, from);
  if (sameVerdict(verdict, wanted)) return true;
  if (verdict.end !== 'open' && wanted.end !== 'open') return false;
  const whole = completed(bytes);
  const later = subject([...chunks, whole.subarray(bytes.length)], from);
  return sameVerdict(later, expectationOf(whole, from).verdict);
}

function count({ verdict, deviation }: Expectation): void {
  const name = deviation ?? (verdict.end === 'failed' ? `failed ${verdict.code}` : verdict.end);
  tally.set(name, (tally.get(name) ?? 0) + 1);
}

function report(bytes: Buffer, chunks: readonly Buffer[], by: readonly string[], from: Sender): string {
  const fails = (stream: Buffer): boolean =>
    !agrees([stream], stream, expectationOf(stream, from).verdict, from);
  const pieces = fails(bytes) ? [minimise(bytes, fails)] : chunks; // where it is cut may be what matters
  return [
    `mutated by ${by.join(', ') || 'nothing'}; FUZZ_SEED=${SEED} FUZZ_STREAMS=${STREAMS} makes it again`,
    `stream: ${pieces.map((piece) => piece.toString('hex')).join(' | ')}`,
    `wanted: ${JSON.stringify(expectationOf(Buffer.concat(pieces), from))}`,
    `got:    ${JSON.stringify(subject(pieces, from))}`,
  ].join('\n');
}
