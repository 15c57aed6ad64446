import type { Weight } from '../../src/audit/check.ts';
import type { AuditReport } from '../../src/audit/run.ts';
import type { Comparison } from './compare.ts';
import { versionOf } from './fronts.ts';

/** One audit of a front before a backend. */
export interface Row {
  readonly front: string;
  readonly program: string;
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
  const text = [grades(rows), faults(rows), tls(rows)].join('\n\n');
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
      return own.map(({ id, verdict }) => (verdict === 'fail' ? id : `(${id})`)).join(', ');
    });
    return [`${front}, \`${backend}\``, ...cells];
  });
  return table(['Pair', 'High', 'Medium', 'Low'], body);
}

function tls(rows: readonly Row[]): string {
  const compared = rows.filter((row) => row.tls !== undefined);
  const body = compared.map(({ front, tls }) => {
    const questions = Object.keys(tls!.audit);
    const different = questions.filter((question) => tls!.audit[question] !== tls!.sslscan[question]);
    const answers = questions.map((question) => `${question}: ${tls!.audit[question]}`).join('; ');
    return [front, answers, different.length === 0 ? 'the same' : `differs in ${different.join(', ')}`];
  });
  return table(['TLS of', 'sallyport audit', 'sslscan'], body);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
