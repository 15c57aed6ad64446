import type { LoadReport, Progress } from '../run.ts';
import { seenText, textReport } from './text.ts';

const WIDTH = 720;
const HEIGHT = 180;

/** One page that needs nothing else: what was promised and seen, and the course of the load as charts. */
export function htmlReport(report: LoadReport): string {
  const { scenario, summary, contract, course, verdict } = report;
  const bound = verdict === 'bound';
  const { latency } = summary;
  const bars = Object.entries(latency).map(([name, value]): [string, number] => [name, value]);
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Load: ${escaped(scenario.target)}</title>
<style>
  body { font: 15px/1.5 system-ui, sans-serif; max-width: 48rem; margin: 2rem auto; padding: 0 1rem; color: #1b2430; background: #fff; }
  h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
  .held { color: #12703a; } .broken, .bound { color: #a5281b; }
  table { border-collapse: collapse; } td, th { padding: .2rem .8rem .2rem 0; text-align: left; }
  pre { background: #f3f5f8; padding: 1rem; overflow-x: auto; }
  svg { width: 100%; height: auto; } text { font: 11px system-ui, sans-serif; fill: #55606e; }
</style>
<h1>${escaped(scenario.target)}: <span class="${verdict}">${VERDICTS[verdict]}</span></h1>
${
  bound
    ? ''
    : table(
        'Contract',
        contract.map((line) => [line.text, seenText(line), line.kept]),
      )
}
${
  bound
    ? ''
    : table(
        'Outcomes',
        summary.outcomes.map(({ name, seen, held }) => [name, seen, held]),
      )
}
${bound ? '' : `<h2>Latency, milliseconds</h2>${barChart(bars)}`}
${bound ? '' : `<h2>Answers a second</h2>${lineChart(course, rates(course))}`}
${
  bound
    ? ''
    : `<h2>Open connections</h2>${lineChart(
        course,
        course.map(({ open }) => open),
      )}`
}
<h2>Summary</h2>
<pre>${escaped(textReport(report))}</pre>
</html>
`;
}

const VERDICTS = {
  held: 'the contract holds',
  broken: 'the contract is broken',
  bound: 'no numbers, the generator was the bottleneck',
} as const;

function table(title: string, rows: readonly (readonly [string, string, boolean])[]): string {
  if (rows.length === 0) return '';
  const lines = rows.map(
    ([what, seen, good]) =>
      `<tr><td class="${good ? 'held' : 'broken'}">${good ? 'ok' : 'FAIL'}</td><td>${escaped(what)}</td><td>${escaped(seen)}</td></tr>`,
  );
  return `<h2>${title}</h2><table>${lines.join('')}</table>`;
}

function barChart(bars: readonly (readonly [string, number])[]): string {
  const most = Math.max(1e-9, ...bars.map(([, value]) => value));
  const row = HEIGHT / bars.length;
  const drawn = bars.map(([name, value], i) => {
    const y = i * row;
    const width = ((WIDTH - 160) * value) / most;
    return `<text x="0" y="${y + row / 2 + 4}">${escaped(name)}</text><rect x="60" y="${y + 4}" width="${width.toFixed(1)}" height="${row - 8}" fill="#3b6fb6"/><text x="${(width + 66).toFixed(1)}" y="${y + row / 2 + 4}">${value.toFixed(2)}</text>`;
  });
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="Latency by quantile">${drawn.join('')}</svg>`;
}

function lineChart(course: readonly Progress[], values: readonly number[]): string {
  const last = Math.max(1e-9, course.at(-1)?.seconds ?? 0);
  const most = Math.max(1, ...values);
  const points = course.map(({ seconds }, i) => {
    const x = 40 + ((WIDTH - 50) * seconds) / last;
    const y = HEIGHT - 20 - ((HEIGHT - 40) * (values[i] ?? 0)) / most;
    return `${x.toFixed(1)},${y.toFixed(1)}`;
  });
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="Over time"><text x="0" y="20">${Math.round(most)}</text><text x="0" y="${HEIGHT - 20}">0</text><text x="${WIDTH - 40}" y="${HEIGHT - 2}">${last.toFixed(0)} s</text><polyline fill="none" stroke="#3b6fb6" stroke-width="2" points="${points.join(' ')}"/></svg>`;
}

function rates(course: readonly Progress[]): number[] {
  return course.map(({ seconds, answered }, i) => {
    const before = course[i - 1] ?? { seconds: 0, answered: 0 };
    return seconds > before.seconds ? (answered - before.answered) / (seconds - before.seconds) : 0;
  });
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (each) => `&#${each.charCodeAt(0)};`);
}
