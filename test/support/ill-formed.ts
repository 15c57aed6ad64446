import { type Case, fails } from '../conformance/case.ts';
import { ILL_FORMED } from '../conformance/cases/utf-8.ts';
import { frameAttack } from './frame-attack.ts';
import { more, OPEN, text } from './raw-frames.ts';

/** Plays one class of ill-formed UTF-8, whole and in two fragments, against a running gateway. */
export function illFormed(kind: keyof typeof ILL_FORMED): void {
  const samples = ILL_FORMED[kind] ?? [];
  if (samples.length === 0) throw new Error(`there is no class of ill-formed UTF-8 called ${kind}`);
  // A few of each class over real sockets; the conformance tables have them all.
  const some = samples.filter((_, i) => i % Math.ceil(samples.length / 8) === 0);
  frameAttack(
    kind,
    some.flatMap((bytes): Case[] => [
      fails('§8.1', bytes.toString('hex'), [text(bytes)], 1007),
      fails(
        '§8.1',
        `${bytes.toString('hex')} in two fragments`,
        [text(bytes.subarray(0, 1), OPEN), more(bytes.subarray(1))],
        1007,
      ),
    ]),
  );
}
