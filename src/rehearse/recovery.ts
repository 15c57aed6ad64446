import type { Evidence } from './evidence.ts';

/** A time in which something was not as it was before the faults. In seconds. */
export interface Impairment {
  readonly from: number;
  /** Undefined: to the end. */
  readonly until: number | undefined;
}

/** What is answered of what was sent in a half second, at least, when all is well: some answers come in the next one. */
const MOSTLY = 0.5;

/** How far before the end a thing must have been well, in seconds: looks are half a second apart. */
const LOOK = 1.5;

/** From the first to the last thing that was seen to be wrong, from the first fault on; undefined if there was none. */
export function impairmentOf(evidence: Evidence): Impairment | undefined {
  const wrong = momentsOfHarm(evidence)
    .filter((at) => at >= evidence.began)
    .sort((a, b) => a - b);
  const [first, last] = [wrong[0], wrong.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  return { from: first, until: last > evidence.ended - LOOK ? undefined : last };
}

/** Milliseconds from the end of the last fault until nothing was wrong any more; infinite if something was to the end. */
export function recoveryOf(evidence: Evidence): number {
  const harm = impairmentOf(evidence);
  if (!harm) return 0;
  return harm.until === undefined
    ? Number.POSITIVE_INFINITY
    : Math.max(0, harm.until - evidence.over) * 1_000;
}

/** Connections that are missing, messages without an answer, newcomers outside, nodes that are not well. */
function momentsOfHarm({ connections, summary, samples, trials, health }: Evidence): number[] {
  const idle = summary.messages.sent === 0;
  return [
    ...samples
      .filter(({ open, sent, answered }) => open < connections || (!idle && answered < sent * MOSTLY))
      .map(({ at }) => at),
    ...trials
      .filter(({ who, admitted }) => who === 'newcomer' && !admitted)
      .map(({ at, took }) => at + took / 1_000),
    ...health.filter(({ ready, failing }) => !ready || failing.length > 0).map(({ at }) => at),
  ];
}
