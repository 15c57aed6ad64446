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
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${html(grade)}: ${html(target.url)}</title>
<style>${STYLE}</style>
</head>
<body>
<header>
<p class="grade ${gradeClass(grade)}">${html(grade)}</p>
<div>
<h1>${html(target.url)}</h1>
<p>Audited ${html(report.began)} at ${html(target.address)} port ${target.port}${partOf(report)}.</p>
<p>${html(summary(report))}.</p>
</div>
</header>
<main>
${faults.length === 0 ? '<p>Nothing to mend was found.</p>' : `<section><h2>To mend</h2>${faults.map((each) => resultHtml(each, true)).join('\n')}</section>`}
${groups.map((group) => groupHtml(group, results)).join('\n')}
<section><h2>How the grade is made</h2>
${because.length === 0 ? '<p>No rule took it from A+.</p>' : `<ul>${because.map((each) => `<li>${html(each)}</li>`).join('')}</ul>`}
<table><tr><th>At most</th><th>When</th></tr>${RULES.map(({ atMost, when }) => `<tr><td>${html(atMost)}</td><td>${html(when)}</td></tr>`).join('')}</table>
${GRADE_NOTES.map((note) => `<p>${html(note)}</p>`).join('')}
</section>
</main>
<footer>Made by sallyport audit.</footer>
</body>
</html>
`;
}

function partOf({ only }: AuditReport): string {
  return only === undefined ? '' : `; only ${html(only.join(', '))}`;
}

function groupHtml(group: Group, results: readonly Result[]): string {
  const own = results.filter((each) => each.group === group);
  return `<section><h2>${group}</h2><p>${html(GROUPS[group])}</p>\n${own.map((each) => resultHtml(each, false)).join('\n')}</section>`;
}

function resultHtml(result: Result, open: boolean): string {
  const rows = [
    ['Sent', result.sent],
    ['Seen', result.seen],
    ['Why it matters', `${result.why} (${result.standard})`],
    ['How to mend it', result.mend],
    ['Weight', result.weight],
  ];
  const body = rows.map(([name, text]) => `<dt>${name}</dt><dd>${html(text!)}</dd>`).join('');
  return `<details class="${result.verdict}"${open ? ' open' : ''}><summary><span>${MARKS[result.verdict]}</span> ${html(result.title)} <code>${html(result.id)}</code></summary><dl>${body}</dl></details>`;
}

function gradeClass(grade: string): string {
  return grade.startsWith('A') ? 'good' : grade < 'D' ? 'fair' : 'poor';
}

/** What a server said may stand in a report, and must stay text there. */
function html(text: string): string {
  return text.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);
}
