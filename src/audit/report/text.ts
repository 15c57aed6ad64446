import { GROUPS, type Group, type Verdict } from '../check.ts';
import type { Grade } from '../grade.ts';
import type { Result } from '../judge.ts';
import type { AuditReport } from '../run.ts';

type Colour = 'green' | 'yellow' | 'red' | 'cyan' | 'gray' | 'bold';
/** Puts a style on text, or leaves it as it is. */
export type Paint = (colour: Colour, text: string) => string;

const LOOKS: Readonly<Record<Verdict, readonly [mark: string, colour: Colour]>> = {
  pass: ['pass', 'green'],
  warn: ['WARN', 'yellow'],
  fail: ['FAIL', 'red'],
  info: ['info', 'cyan'],
  skipped: ['skip', 'gray'],
  inconclusive: ['????', 'yellow'],
};

/** The report for a terminal: a line for each check, and more for those that found something. */
export function textReport(report: AuditReport, paint: Paint): string {
  const groups = (Object.keys(GROUPS) as Group[]).filter((group) =>
    report.results.some((each) => each.group === group),
  );
  return [
    ...groups.flatMap((group) => [
      paint('bold', `${group}: ${GROUPS[group]}`),
      ...report.results.filter((each) => each.group === group).flatMap((each) => resultLines(each, paint)),
      '',
    ]),
    gradeLine(report, paint),
    ...report.because.map((reason) => `  ${reason}`),
    `  ${summary(report)}`,
  ].join('\n');
}

/** One line. */
export function resultLine({ id, verdict, title }: Result, paint: Paint): string {
  const [mark, colour] = LOOKS[verdict];
  return `  ${paint(colour, mark)}  ${id.padEnd(24)} ${title}`;
}

function resultLines(result: Result, paint: Paint): string[] {
  const line = resultLine(result, paint);
  const about = (name: string, text: string): string => `        ${paint('gray', name.padEnd(6))}${text}`;
  switch (result.verdict) {
    case 'pass':
      return [line];
    case 'info':
    case 'skipped':
      return [line, about('seen', result.seen)];
    default:
      return [
        line,
        about('sent', result.sent),
        about('seen', result.seen),
        about('why', `${result.why} (${result.standard}; ${result.weight})`),
        about('mend', result.mend),
      ];
  }
}

function gradeLine({ grade, only, target }: AuditReport, paint: Paint): string {
  const part = only === undefined ? '' : ` (${only.join(', ')} only)`;
  return `${paint('bold', 'Grade')} ${paint(colourOf(grade), grade)} for ${target.url}${part}`;
}

function colourOf(grade: Grade): Colour {
  return grade.startsWith('A') ? 'green' : grade < 'D' ? 'yellow' : 'red';
}

/** How many checks there were, and what they cost. */
export function summary({ results, spent, seconds }: AuditReport): string {
  const counts = Object.keys(LOOKS)
    .map((verdict) => [verdict, results.filter((each) => each.verdict === verdict).length] as const)
    .filter(([, count]) => count > 0)
    .map(([verdict, count]) => `${count} ${verdict}`);
  return `${results.length} checks: ${counts.join(', ')}; ${spent.connections} connections, ${spent.messages} messages, ${spent.bytes} bytes, ${seconds} s`;
}
