import { markOf } from '../../load/report/text.ts';
import { CHART_STYLE, dotChart, lineChart, type Span } from '../../report/chart.ts';
import { escaped, pageOf, row, section } from '../../report/page.ts';
import type { Evidence, Sample } from '../evidence.ts';
import type { RehearsalReport } from '../run.ts';
import { alarmText, groundText, impairmentText, recoveryText, VERDICTS, whatText } from './text.ts';

/** One page: what must hold, the course as charts with the faults in them, and the time line. */
export function htmlReport(report: RehearsalReport): string {
  const { rehearsal, evidence, judged, verdict } = report;
  const { bottleneck } = evidence.summary;
  const body = [
    `<h1>${escaped(rehearsal.name)}: <span class="${verdict === 'held' ? 'good' : 'poor'}">${VERDICTS[verdict]}</span></h1>`,
    `<p>${escaped(rehearsal.about)}</p>`,
    `<p>Played on ${escaped(groundText(rehearsal))}.</p>`,
    `<p>Impaired ${impairmentText(report.impairment)}; recovered ${recoveryText(report.recovery)}.</p>`,
    ...(bottleneck === undefined ? [] : [`<p>The generator could not keep up: ${escaped(bottleneck)}.</p>`]),
    section(
      'What must hold',
      judged.map(({ text, seen, kept }) => row(kept ? 'held' : 'broken', markOf(kept), text, seen)),
    ),
    '<p>In the charts, a fault lasts for as long as it is red.</p>',
    ...charts(evidence),
    section(
      'Alarms that would have gone off',
      evidence.alarms.map((alarm) => row('alarm', alarm.severity, alarmText(alarm))),
    ),
    section(
      'Time line',
      evidence.entries.map((each) =>
        row(each.subject, `${each.at.toFixed(1)} s`, each.subject, whatText(each)),
      ),
    ),
  ].join('\n');
  return pageOf({ title: `Rehearsal: ${rehearsal.name}`, by: 'sallyport rehearse', body, style: STYLE });
}

function charts({ summary, samples, trials, faults, ended }: Evidence): string[] {
  const areas = faults.map(({ fault, began, over }) => ({ name: fault, from: began, until: over }));
  const span: Span = { seconds: ended, areas };
  const course = (of: (sample: Sample) => number): string =>
    lineChart(
      span,
      samples.map((sample) => ({ at: sample.at, value: of(sample) })),
    );
  const idle = summary.messages.sent === 0;
  const newcomers = trials.filter(({ who }) => who === 'newcomer');
  const strangers = trials.filter(({ who }) => who !== 'newcomer');
  return [
    `<h2>Open connections</h2>${course(({ open }) => open)}`,
    ...(idle
      ? []
      : [
          `<h2>Answers in each half second</h2>${course(({ answered }) => answered)}`,
          `<h2>Latency of 99 in 100 answers, milliseconds</h2>${course(({ p99 }) => p99)}`,
        ]),
    `<h2>Those who came to the door</h2>${dotChart(span, [
      {
        name: 'newcomers, who must be let in',
        dots: newcomers.map(({ at, admitted }) => ({ at, good: admitted })),
      },
      {
        name: 'strangers, who must not',
        dots: strangers.map(({ at, admitted }) => ({ at, good: !admitted })),
      },
    ])}`,
  ];
}

const STYLE = `${CHART_STYLE}
td:first-child{white-space:nowrap}
.held td:first-child{color:var(--good)}.broken,.fault{color:var(--poor)}.alarm{color:var(--fair)}
`;
