import type { RehearsalReport } from '../run.ts';
import { lineChart, trialChart } from './chart.ts';
import { alarmText, markOf, recoveryText, VERDICTS, whatText } from './text.ts';

/** One page that needs nothing else: what must hold, the course as charts with the faults in them, and the time line. */
export function htmlReport({
  rehearsal,
  evidence,
  judged,
  impairment,
  recovery,
  verdict,
}: RehearsalReport): string {
  const { samples, entries, alarms, summary } = evidence;
  const course = (of: (sample: (typeof samples)[number]) => number) =>
    samples.map((sample) => ({ at: sample.at, value: of(sample) }));
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Rehearsal: ${escaped(rehearsal.name)}</title>
<style>
  body { font: 15px/1.5 system-ui, sans-serif; max-width: 56rem; margin: 2rem auto; padding: 0 1rem; color: #1b2430; background: #fff; }
  h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
  .held { color: #12703a; } .broken, .bound, .fault { color: #a5281b; } .alarm { color: #8a5a00; } .health { color: #3b4fb6; }
  table { border-collapse: collapse; } td { padding: .15rem .8rem .15rem 0; vertical-align: top; } td:first-child { white-space: nowrap; }
  svg { width: 100%; height: auto; } text { font: 11px system-ui, sans-serif; fill: #55606e; }
</style>
<h1>${escaped(rehearsal.name)}: <span class="${verdict}">${VERDICTS[verdict]}</span></h1>
<p>${escaped(rehearsal.about)}</p>
<p>${impairment ? `Impaired from ${impairment.from.toFixed(1)} s to ${impairment.until === undefined ? 'the end' : `${impairment.until.toFixed(1)} s`}; recovered ${recoveryText(recovery)}.` : 'Nothing was impaired.'}
${summary.bottleneck === undefined ? '' : `The generator could not keep up: ${escaped(summary.bottleneck)}.`}</p>
${section(
  'What must hold',
  judged.map(({ text, seen, kept }) => row(kept ? 'held' : 'broken', markOf(kept), text, seen)),
)}
<p>In the charts, a fault lasts for as long as it is red.</p>
<h2>Open connections</h2>${lineChart(
    evidence,
    course(({ open }) => open),
  )}
<h2>Answers in each half second</h2>${lineChart(
    evidence,
    course(({ answered }) => answered),
  )}
<h2>Latency of 99 in 100 answers, milliseconds</h2>${lineChart(
    evidence,
    course(({ p99 }) => p99),
  )}
<h2>Those who came to the door</h2>${trialChart(evidence)}
${section(
  'Alarms that would have gone off',
  alarms.map((alarm) => row('alarm', alarm.severity, alarmText(alarm))),
)}
${section(
  'Time line',
  entries.map((entry) => row(entry.subject, `${entry.at.toFixed(1)} s`, entry.subject, whatText(entry))),
)}
</html>
`;
}

function section(title: string, rows: readonly string[]): string {
  return `<h2>${title}</h2>${rows.length === 0 ? '<p>None.</p>' : `<table>${rows.join('\n')}</table>`}`;
}

function row(kind: string, ...cells: readonly string[]): string {
  return `<tr class="${kind}">${cells.map((cell) => `<td>${escaped(cell)}</td>`).join('')}</tr>`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (each) => `&#${each.charCodeAt(0)};`);
}
