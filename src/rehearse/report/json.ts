import type { RehearsalReport } from '../run.ts';

/** The report for programs. Times of `timeline`, `faults` and `alarms` are seconds since the steady load stood. */
export function jsonReport({
  rehearsal,
  evidence,
  judged,
  impairment,
  recovery,
  verdict,
}: RehearsalReport): string {
  const { summary, samples, trials, alarms, entries, faults, ended } = evidence;
  const { name, about, stage, target } = rehearsal;
  const report = {
    version: 1,
    verdict,
    name,
    about,
    ...(target ? { target: target.url } : { nodes: stage.nodes }),
    seconds: ended,
    must: judged.map(({ text, seen, kept }) => ({ text, seen, kept })),
    impairment: impairment ?? null,
    recoveryMilliseconds: recovery,
    faults,
    alarms,
    timeline: entries,
    samples,
    trials,
    load: summary,
  };
  // Infinity is no JSON: what never came is null.
  return `${JSON.stringify(report, (_key, value) => (value === Number.POSITIVE_INFINITY ? null : value), 2)}\n`;
}
