import { GROUPS, type Group, type Verdict } from '../check.ts';
import type { Grade } from '../grade.ts';
import type { Result } from '../judge.ts';
import type { AuditReport } from '../run.ts';
import { costText, countsOf, faultsOf, isFault } from './faults.ts';

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

/**
 * The report for a terminal: a line for each check, then what is to be mended, the gravest first, and the grade as the last
 * thing, where whoever waited for it looks.
 */
export function textReport(report: AuditReport, paint: Paint): string {
  const { results, because } = report;
  const groups = (Object.keys(GROUPS) as Group[]).filter((group) =>
    results.some((each) => each.group === group),
  );
  const faults = faultsOf(results);
  return [
    ...groups.flatMap((group) => [
      paint('bold', `${group}: ${GROUPS[group]}`),
      ...results.filter((each) => each.group === group).flatMap((each) => resultLines(each, paint)),
      '',
    ]),
    ...(faults.length === 0 ? [] : [paint('bold', 'to mend, the gravest first'), '']),
    ...faults.flatMap((each) => [...faultLines(each, paint), '']),
    gradeLine(report, paint),
    ...because.map((reason) => `  ${reason}`),
    `  ${summary(report)}`,
    `  ${costText(report)}`,
  ].join('\n');
}

/** One line. */
export function resultLine({ id, verdict, title }: Result, paint: Paint): string {
  const [mark, colour] = LOOKS[verdict];
  return `  ${paint(colour, mark)}  ${id.padEnd(24)} ${title}`;
}

/** What passed or is to be mended is a line; facts, limits that were found among them, and what has no conclusion say more. */
function resultLines(result: Result, paint: Paint): string[] {
  const line = resultLine(result, paint);
  const isBrief = isFault(result) || (result.verdict === 'pass' && result.group !== 'limits');
  return isBrief ? [line] : [line, ...about('seen', result.seen, paint)];
}

function faultLines(result: Result, paint: Paint): string[] {
  const { id, verdict, weight, title, sent, seen, why, standard, mend } = result;
  const [mark, colour] = LOOKS[verdict];
  return [
    `  ${paint(colour, mark)}  ${paint('bold', title)} (${id}, ${weight})`,
    ...about('sent', sent, paint),
    ...about('seen', seen, paint),
    ...about('why', `${why} (${standard})`, paint),
    ...about('mend', mend, paint),
  ];
}

/** Of lines that are broken. */
const WIDTH = 100;
const INDENT = ' '.repeat(14);

function about(name: string, text: string, paint: Paint): string[] {
  const [first = '', ...rest] = broken(text, WIDTH - INDENT.length);
  return [`        ${paint('gray', name.padEnd(6))}${first}`, ...rest.map((line) => `${INDENT}${line}`)];
}

/** The text in lines of at most this width; a word that is longer stays whole. */
function broken(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}

function gradeLine({ grade, only, target }: AuditReport, paint: Paint): string {
  const part = only === undefined ? '' : ` (${only.join(', ')} only)`;
  return `${paint('bold', 'Grade')} ${paint(colourOf(grade), grade)} for ${target.url}${part}`;
}

function colourOf(grade: Grade): Colour {
  return grade.startsWith('A') ? 'green' : grade < 'D' ? 'yellow' : 'red';
}

/** How many checks there were, and how they ended. */
function summary({ results }: AuditReport): string {
  return `${results.length} checks: ${countsOf(results)
    .map(([verdict, count]) => `${count} ${verdict}`)
    .join(', ')}`;
}
