// A guard that takes its time changes when messages are judged, and nothing else: not their order, not the verdict.
import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { Guard } from '../../src/pipeline/guard.ts';
import type { RoutePlan } from '../../src/pipeline/route.ts';
import { PASS } from '../../src/pipeline/verdict.ts';
import { openRoute } from '../support/memory-session.ts';
import { play, type Sender, stage } from '../support/play.ts';
import { mutant } from './mutate.ts';
import { MAX_BYTES, MAX_FRAGMENTS } from './oracle.ts';
import { Random } from './random.ts';
import { cutAnywhere, validStream } from './streams.ts';

const SEED = Number(process.env.FUZZ_SEED ?? 6455);
const STREAMS = 4_000;
const bounds = { maxBytes: MAX_BYTES, maxFragments: MAX_FRAGMENTS };

function guardedBy(guard: Guard): RoutePlan {
  const armed = [{ name: 'slow', guard, observe: false }];
  return { ...openRoute(bounds), inspect: { client: armed, server: armed } };
}

it.each(['client', 'upstream'] as const)(
  'a slow guard over what the %s sends',
  async (from: Sender) => {
    const random = new Random(SEED);
    const slow: Guard = { onPayload: () => (random.oneIn(2) ? Promise.resolve(PASS) : PASS) };
    const prompt = guardedBy({ onPayload: () => PASS });
    const waiting = guardedBy(slow);
    const corpus = Array.from({ length: 200 }, () => validStream(random, from));
    for (let i = 0; i < STREAMS; i++) {
      const { bytes } = mutant(random.pick(corpus), random, random.pick(corpus));
      const { feed, verdict } = stage(waiting, from);
      for (const chunk of cutAnywhere(bytes, random)) {
        feed(chunk);
        if (random.oneIn(2)) await turn(); // sometimes more comes before the guard has answered
      }
      await turn();
      expect(verdict(), `stream ${i} of seed ${SEED}: ${bytes.toString('hex')}`).toEqual(
        play([bytes], prompt, from),
      );
    }
  },
  60_000,
);
