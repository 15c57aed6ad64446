import { escaped, pageOf } from '../../report/page.ts';
import { GROUPS, type Group, type Verdict } from '../check.ts';
import { GRADE_NOTES, RULES } from '../grade.ts';
import type { Result } from '../judge.ts';
import type { AuditReport } from '../run.ts';
import { STYLE } from './html-style.ts';
import { summary } from './text.ts';

const MARKS: Readonly<Record<Verdict, string>> = {
  fail: 'fails',
  warn: 'warns',
  inconclusive: 'no conclusion',
  info: 'fact',
  skipped: 'skipped',
  pass: 'passes',
};

/** One page without scripts and without anything from elsewhere: it can be sent, and opened anywhere. */
export function htmlReport(report: AuditReport): string {
  const { target, grade, because, results } = report;
  const groups = (Object.keys(GROUPS) as Group[]).filter((group) =>
    results.some((each) => each.group === group),
  );
  const faults = results.filter(({ verdict }) => verdict === 'fail' || verdict === 'warn');
  const body = `<header>
<p class="grade ${gradeClass(grade)}">${escaped(grade)}</p>
<div>
<h1>${escaped(target.url)}</h1>
<p>Audited ${escaped(report.began)} at ${escaped(target.address)} port ${target.port}${partOf(report)}.</p>
<p>${escaped(summary(report))}.</p>
</div>
</header>
<main>
${faults.length === 0 ? '<p>Nothing to mend was found.</p>' : `<section><h2>To mend</h2>${faults.map((each) => resultHtml(each, true)).join('\n')}</section>`}
${groups.map((group) => groupHtml(group, results)).join('\n')}
<section><h2>How the grade is made</h2>
${because.length === 0 ? '<p>No rule took it from A+.</p>' : `<ul>${because.map((each) => `<li>${escaped(each)}</li>`).join('')}</ul>`}
<table><tr><th>At most</th><th>When</th></tr>${RULES.map(({ atMost, when }) => `<tr><td>${escaped(atMost)}</td><td>${escaped(when)}</td></tr>`).join('')}</table>
${GRADE_NOTES.map((note) => `<p>${escaped(note)}</p>`).join('')}
</section>
</main>`;
  return pageOf({ title: `${grade}: ${target.url}`, by: 'sallyport audit', body, style: STYLE });
}

function partOf({ only }: AuditReport): string {
  return only === undefined ? '' : `; only ${escaped(only.join(', '))}`;
}

function groupHtml(group: Group, results: readonly Result[]): string {
  const own = results.filter((each) => each.group === group);
  return `<section><h2>${group}</h2><p>${escaped(GROUPS[group])}</p>\n${own.map((each) => resultHtml(each, false)).join('\n')}</section>`;
}

function resultHtml(result: Result, open: boolean): string {
  const rows = [
    ['Sent', result.sent],
    ['Seen', result.seen],
    ['Why it matters', `${result.why} (${result.standard})`],
    ['How to mend it', result.mend],
    ['Weight', result.weight],
  ];
  const body = rows.map(([name, text]) => `<dt>${name}</dt><dd>${escaped(text!)}</dd>`).join('');
  return `<details class="${result.verdict}"${open ? ' open' : ''}><summary><span>${MARKS[result.verdict]}</span> ${escaped(result.title)} <code>${escaped(result.id)}</code></summary><dl>${body}</dl></details>`;
}

function gradeClass(grade: string): string {
  return grade.startsWith('A') ? 'good' : grade < 'D' ? 'fair' : 'poor';
}
