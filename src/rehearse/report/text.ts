import { markOf } from '../../load/report/text.ts';
import type { Entry } from '../chronicle.ts';
import type { Alarm } from '../evidence.ts';
import type { Impairment } from '../recovery.ts';
import type { Rehearsal } from '../rehearsal.ts';
import type { RehearsalReport } from '../run.ts';

/** What a verdict means, in a sentence. */
export const VERDICTS = {
  held: 'All of it held.',
  broken: 'What must hold did not.',
  bound: 'Nothing was broken, but the generator could not keep up: promises about its times are not judged.',
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
    `${rehearsal.name}, ${groundText(rehearsal)}`,
    '',
    ...entries.map(entryText),
    '',
    `impaired   ${impairmentText(impairment)}`,
    `recovered  ${recoveryText(recovery)}`,
    ...(evidence.alarms.length === 0
      ? [`alarms     ${isScraped(rehearsal) ? 'none' : 'not looked for: target.metrics names nobody'}`]
      : evidence.alarms.map((alarm, i) => `${i === 0 ? 'alarms' : ''}`.padEnd(11) + alarmText(alarm))),
    ...(summary.bottleneck === undefined ? [] : [`generator  ${summary.bottleneck}`]),
    '',
    ...judged.map(({ text, seen, kept }) => `${markOf(kept).padEnd(4)} ${text}: ${seen}`),
    '',
    VERDICTS[verdict],
    '',
  ].join('\n');
}

/** Where it was played. */
export function groundText({ stage: { nodes }, target }: Rehearsal): string {
  return target?.url ?? `${nodes} ${nodes === 1 ? 'node' : 'nodes'}`;
}

function isScraped({ target }: Rehearsal): boolean {
  return !target || target.metrics.length > 0;
}

/** From when to when something was wrong. */
export function impairmentText(harm: Impairment | undefined): string {
  if (!harm) return 'never';
  const { from, until } = harm;
  return `from ${from.toFixed(1)} s to ${until === undefined ? 'the end' : `${until.toFixed(1)} s`}`;
}

/** How long it took until nothing was wrong any more. */
export function recoveryText(recovery: number): string {
  if (recovery === Number.POSITIVE_INFINITY) return 'not before the end';
  return recovery === 0 ? 'at once' : `${(recovery / 1_000).toFixed(1)} s after the last fault was over`;
}

/** An alarm, in a line. */
export function alarmText({ name, labels, since, holds, fired }: Alarm): string {
  const how =
    fired === undefined
      ? `pending from ${since.toFixed(1)} s, would fire after ${holds} s`
      : `fires at ${fired.toFixed(1)} s`;
  return `${name} ${how} (${labels})`;
}

function entryText({ at, subject, ...rest }: Entry): string {
  return `${at.toFixed(1).padStart(6)} s  ${subject.padEnd(7)}  ${whatText(rest)}`;
}

/** What an entry says, and who said it. */
export function whatText({ who, what, count }: Pick<Entry, 'who' | 'what' | 'count'>): string {
  const times = count > 1 ? ` (${count} times)` : '';
  return `${who === undefined ? '' : `${who}: `}${what}${times}`;
}
