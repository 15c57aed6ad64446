import { barChart, CHART_STYLE, lineChart, type Span } from '../../report/chart.ts';
import { escaped, pageOf, row, section } from '../../report/page.ts';
import type { LoadReport, Progress } from '../run.ts';
import { markOf, seenText, textReport } from './text.ts';

const VERDICTS = {
  held: ['good', 'the contract holds'],
  broken: ['poor', 'the contract is broken'],
  bound: ['poor', 'no numbers, the generator was the bottleneck'],
} as const;

/** One page: what was promised and seen, and the course of the load as charts. Without numbers where there are none to report. */
export function htmlReport(report: LoadReport): string {
  const { target } = report.scenario;
  const [kind, verdict] = VERDICTS[report.verdict];
  const body = [
    `<h1>${escaped(target)}: <span class="${kind}">${verdict}</span></h1>`,
    ...(report.verdict === 'bound' ? [] : numbersOf(report)),
    '<section><h2>Summary</h2>',
    `<pre>${escaped(textReport(report))}</pre></section>`,
  ].join('\n');
  return pageOf({ title: `Load: ${target}`, by: 'sallyport load', body, style: STYLE });
}

function numbersOf({ summary, contract, course }: LoadReport): string[] {
  const span: Span = { seconds: course.at(-1)?.seconds ?? 0, areas: [] };
  const open = course.map(({ seconds, open: value }) => ({ at: seconds, value }));
  return [
    promises(
      'Contract',
      contract.map((line) => [line.kept, line.text, seenText(line)]),
    ),
    promises(
      'Outcomes',
      summary.outcomes.map(({ held, name, seen }) => [held, name, seen]),
    ),
    `<h2>Latency, milliseconds</h2>${barChart('Latency by quantile', Object.entries(summary.latency))}`,
    `<h2>Answers a second</h2>${lineChart(span, rates(course))}`,
    `<h2>Open connections</h2>${lineChart(span, open)}`,
  ];
}

function promises(title: string, rows: readonly (readonly [boolean, string, string])[]): string {
  if (rows.length === 0) return '';
  return section(
    title,
    rows.map(([kept, what, seen]) => row(kept ? 'kept' : 'missed', markOf(kept), what, seen)),
  );
}

function rates(course: readonly Progress[]): { readonly at: number; readonly value: number }[] {
  return course.map(({ seconds, answered }, i) => {
    const before = course[i - 1] ?? { seconds: 0, answered: 0 };
    const lasted = seconds - before.seconds;
    return { at: seconds, value: lasted > 0 ? (answered - before.answered) / lasted : 0 };
  });
}

const STYLE = `${CHART_STYLE}
.kept td:first-child{color:var(--good)}.missed td:first-child{color:var(--poor)}
pre{background:#8882;padding:1rem;overflow-x:auto}
`;
