import { escaped, pageOf } from '../../report/page.ts';
import { GROUPS, type Group, type Verdict } from '../check.ts';
import { GRADE_NOTES, RULES } from '../grade.ts';
import type { Result } from '../judge.ts';
import type { AuditReport } from '../run.ts';
import { costText, countsOf, faultsOf, isFault } from './faults.ts';
import { STYLE } from './html-style.ts';

const MARKS: Readonly<Record<Verdict, string>> = {
  fail: 'fails',
  warn: 'warns',
  inconclusive: 'no conclusion',
  info: 'fact',
  skipped: 'skipped',
  pass: 'passes',
};

/** Behind a number. */
const COUNTED: Readonly<Record<Verdict, string>> = {
  fail: 'fail',
  warn: 'warn',
  inconclusive: 'without conclusion',
  info: 'facts',
  skipped: 'skipped',
  pass: 'pass',
};

/** One page without scripts and without anything from elsewhere: it can be sent, and opened anywhere. */
export function htmlReport(report: AuditReport): string {
  const { target, grade, because, results } = report;
  const groups = (Object.keys(GROUPS) as Group[]).filter((group) =>
    results.some((each) => each.group === group),
  );
  const faults = faultsOf(results);
  const body = `<header>
<p class="grade ${gradeClass(grade)}">${escaped(grade)}</p>
<div>
<h1>${escaped(target.url)}</h1>
<p>Audited on ${escaped(timeText(report.began))} at ${escaped(target.address)} port ${target.port}${partOf(report)}.</p>
<p class="small">${results.length} checks, ${escaped(costText(report))}.</p>
<p class="counts">${countsOf(results).map(countHtml).join('')}</p>
</div>
</header>
<main>
${faults.length === 0 ? '<p>Nothing to mend was found.</p>' : `<section><h2>To mend, the gravest first</h2><p>Each title says what should be so, and is not.</p>${faults.map(faultHtml).join('\n')}</section>`}
${groups.map((group) => groupHtml(group, results)).join('\n')}
<section><h2>How the grade is made</h2>
<p>It begins at A+, and each rule that holds (here in bold) takes it down.</p>
<table><tr><th>At most</th><th>When</th></tr>${RULES.map((rule) => ruleHtml(rule, because)).join('')}</table>
${GRADE_NOTES.map((note) => `<p>${escaped(note)}</p>`).join('')}
</section>
</main>`;
  return pageOf({ title: `${grade}: ${target.url}`, by: 'sallyport audit', body, style: STYLE });
}

/** `2026-11-22 02:04 UTC` */
function timeText(began: string): string {
  return `${began.slice(0, 16).replace('T', ' ')} UTC`;
}

function ruleHtml({ atMost, when }: (typeof RULES)[number], because: readonly string[]): string {
  const holds = because.some((each) => each.endsWith(`: ${when}`));
  return `<tr${holds ? ' class="holds"' : ''}><td>${escaped(atMost)}</td><td>${escaped(when)}</td></tr>`;
}

function partOf({ only }: AuditReport): string {
  return only === undefined ? '' : `; only ${escaped(only.join(', '))}`;
}

function countHtml([verdict, count]: readonly [Verdict, number]): string {
  return `<span class="${verdict}">${count} ${COUNTED[verdict]}</span>`;
}

function groupHtml(group: Group, results: readonly Result[]): string {
  const own = results.filter((each) => each.group === group);
  return `<section><h2>${group} <small>${escaped(GROUPS[group])}</small></h2>\n${own.map(resultHtml).join('\n')}</section>`;
}

/** Open, with what is to be done. */
function faultHtml(result: Result): string {
  const { id, verdict, title, weight } = result;
  return `<article id="${escaped(id)}" class="${verdict}"><h3><b>${escaped(weight)}</b> ${escaped(title)} <code>${escaped(id)}</code></h3>${factsHtml(result)}</article>`;
}

/** Closed, with what was seen in a line; of a fault, the way to it. */
function resultHtml(result: Result): string {
  const { id, verdict, title, seen } = result;
  const line = `<span class="mark">${MARKS[verdict]}</span><span class="what">${escaped(title)} <code>${escaped(id)}</code>`;
  if (isFault(result))
    return `<p class="row ${verdict}">${line}<a href="#${escaped(id)}">above</a></span></p>`;
  return `<details class="${verdict}"><summary class="row">${line}<small>${escaped(seen)}</small></span></summary>${factsHtml(result)}</details>`;
}

function factsHtml({ sent, seen, why, standard, mend }: Result): string {
  const rows = [
    ['Sent', sent],
    ['Seen', seen],
    ['Why it matters', `${why} (${standard})`],
    ['How to mend it', mend],
  ];
  return `<dl>${rows.map(([name, text]) => `<dt>${name}</dt><dd>${escaped(text!)}</dd>`).join('')}</dl>`;
}

function gradeClass(grade: string): string {
  return grade.startsWith('A') ? 'good' : grade < 'D' ? 'fair' : 'poor';
}
