import type { Entry } from '../chronicle.ts';
import type { RehearsalReport } from '../run.ts';

const VERDICTS = {
  held: 'All of it held.',
  broken: 'What must hold did not.',
  bound: 'Nothing was broken, but the generator could not keep up: times say nothing.',
} as const;

/** The report for a terminal. */
export function textReport({
  rehearsal,
  evidence,
  judged,
  impairment,
  recovery,
  verdict,
}: RehearsalReport): string {
  const { entries, summary } = evidence;
  return [
    `${rehearsal.name}, ${rehearsal.stage.nodes} ${rehearsal.stage.nodes === 1 ? 'node' : 'nodes'}`,
    '',
    ...entries.map(entryText),
    '',
    ...(impairment
      ? [
          `impaired   from ${impairment.from.toFixed(1)} s to ${impairment.until === undefined ? 'the end' : `${impairment.until.toFixed(1)} s`}`,
        ]
      : ['impaired   never']),
    `recovered  ${recoveryText(recovery)}`,
    ...(summary.bottleneck === undefined ? [] : [`generator  ${summary.bottleneck}`]),
    '',
    ...judged.map(({ text, seen, kept }) => `${kept ? 'ok  ' : 'FAIL'} ${text}: ${seen}`),
    '',
    VERDICTS[verdict],
    '',
  ].join('\n');
}

/** How long it took until nothing was wrong any more. */
export function recoveryText(recovery: number): string {
  if (recovery === Number.POSITIVE_INFINITY) return 'not before the end';
  return recovery === 0 ? 'at once' : `${(recovery / 1_000).toFixed(1)} s after the last fault was over`;
}

function entryText({ at, subject, who, what, count }: Entry): string {
  const times = count > 1 ? ` (${count} times)` : '';
  const name = who === undefined ? '' : `${who}: `;
  return `${at.toFixed(1).padStart(6)} s  ${subject.padEnd(7)}  ${name}${what}${times}`;
}
