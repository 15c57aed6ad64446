import { expect, it } from 'vitest';
import { barChart, CHART_STYLE, dotChart, lineChart } from './chart.ts';
import { escaped, pageOf, row, section } from './page.ts';

const EVIL = `</title><script>alert("1")</script>&'`;
const span = { seconds: 10, areas: [{ name: EVIL, from: 2, until: 4 }] };

it('is one page that loads nothing, and in which what came from outside stays text', () => {
  const body = [
    section(EVIL, [row('good', EVIL, EVIL)]),
    lineChart(span, [{ at: 1, value: 1 }]),
    dotChart(span, [{ name: EVIL, dots: [] }]),
    barChart(EVIL, [[EVIL, 1]]),
  ].join('');
  const page = pageOf({ title: EVIL, by: EVIL, body, style: CHART_STYLE });
  expect(page).toMatch(/^<!doctype html>/);
  expect(page).toContain("default-src 'none'");
  expect(page).not.toMatch(/<script|src=|href=|@import|url\(/);
  expect(page.split(escaped(EVIL)).length - 1).toBe(10);
});

it('draws what was when it was', () => {
  const points = [
    { at: 0, value: 0 },
    { at: 10, value: 50 },
  ];
  const line = lineChart(span, points);
  expect(line).toContain('points="48.0,140.0 790.0,12.0"'); // from below at the left to above at the right
  expect(line).toContain('<rect class="area" x="196.4" y="0" width="148.4"');
  const dots = dotChart(span, [{ name: 'who', dots: [{ at: 5, good: false }] }]);
  expect(dots).toContain('class="dot poor" cx="419.0"');
  expect(
    barChart('all', [
      ['half', 1],
      ['whole', 2],
    ]),
  ).toMatch(/width="320\.0".*width="640\.0"/);
});

it('says where there is nothing', () => {
  expect(section('Alarms', [])).toBe('<section><h2>Alarms</h2><p>None.</p></section>');
});
