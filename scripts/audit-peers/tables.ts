import type { Weight } from '../../src/audit/check.ts';
import type { AuditReport } from '../../src/audit/run.ts';
import type { Comparison } from './compare.ts';
import { versionOf } from './fronts.ts';

/** One audit of a front before a backend. */
export interface Row {
  readonly front: string;
  readonly program: string;
  readonly tlsOnly: boolean;
  readonly backend: string;
  readonly report: AuditReport;
  readonly tls: Comparison | undefined;
}

const BEGIN = '<!-- peers: made by `npm run audit:peers` -->';
const END = '<!-- /peers -->';

/** The page with its tables made anew. */
export function writeTables(page: string, rows: readonly Row[]): string {
  const from = page.indexOf(BEGIN);
  const to = page.indexOf(END);
  if (from < 0 || to < from) throw new Error('the page has no place for the tables');
  const whole = rows.filter(({ tlsOnly }) => !tlsOnly);
  const text = [grades(whole), faults(whole), tls(rows)].join('\n\n');
  return `${page.slice(0, from)}${BEGIN}\n\n${text}\n\n${page.slice(to)}`;
}

function grades(rows: readonly Row[]): string {
  const backends = [...new Set(rows.map(({ backend }) => backend))];
  const fronts = [...new Set(rows.map(({ front }) => front))];
  const body = fronts.map((front) => {
    const own = rows.filter((each) => each.front === front);
    const version = front === 'Sallyport' ? '' : ` ${versionOf(own[0]!.program)}`;
    return [
      `${front}${version}`,
      ...backends.map((name) => gradeOf(own.find(({ backend }) => backend === name))),
    ];
  });
  return table(['In front', ...backends.map((name) => `\`${name}\``)], body);
}

function gradeOf(row: Row | undefined): string {
  if (!row) return '';
  const count = row.report.results.filter(({ verdict }) => verdict === 'fail' || verdict === 'warn').length;
  return `${row.report.grade} (${count})`;
}

/** For each pair, what was found, by weight. */
function faults(rows: readonly Row[]): string {
  const columns: readonly (readonly Weight[])[] = [['critical', 'high'], ['medium'], ['low']];
  const body = rows.map(({ front, backend, report }) => {
    const found = report.results.filter(({ verdict }) => verdict === 'fail' || verdict === 'warn');
    const cells = columns.map((weights) => {
      const own = found.filter(({ weight }) => weights.includes(weight));
      return own.map(({ id, verdict }) => (verdict === 'fail' ? id : `(${id})`)).join(', ') || '–';
    });
    return [`${front}, \`${backend}\``, ...cells];
  });
  return table(['Pair', 'High', 'Medium', 'Low'], body);
}

function tls(rows: readonly Row[]): string {
  const compared = rows.flatMap(({ front, tls }) => (tls ? [{ front, tls }] : []));
  const tools = [...new Set(compared.flatMap(({ tls }) => Object.keys(tls.others)))];
  const body = compared.map(({ front, tls }) => [
    front,
    Object.entries(tls.audit)
      .map(([question, answer]) => `${question}: ${answer}`)
      .join('; '),
    ...tools.map((tool) => differences(tls, tool)),
  ]);
  return table(['TLS of', '`sallyport audit`', ...tools], body);
}

function differences({ audit, others }: Comparison, tool: string): string {
  const answers = Object.entries(others[tool] ?? {});
  const different = answers.filter(([question, answer]) => audit[question] !== answer);
  return different.length === 0
    ? `the same (${answers.length} questions)`
    : different.map(([question, answer]) => `${question}: ${answer}`).join('; ');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
