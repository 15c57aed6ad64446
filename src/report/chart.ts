import { escaped } from './page.ts';

const WIDTH = 800;
const HEIGHT = 160;
/** Room for what is written at the left, at the right and below. */
const [LEFT, RIGHT, BELOW] = [48, 10, 20];

/** CSS that every page with a chart needs. */
export const CHART_STYLE = `
svg{width:100%;height:auto}
svg text{font:11px system-ui,sans-serif;fill:currentColor;opacity:.7}
polyline{fill:none;stroke:#3b7dd8;stroke-width:2}
.bar{fill:#3b7dd8}
.area{fill:var(--poor);opacity:.15}
.dot.good{fill:var(--good)}.dot.poor{fill:var(--poor)}
`;

/** A time in which something was as it should not be, or was done. In seconds. */
export interface Area {
  readonly name: string;
  readonly from: number;
  readonly until: number;
}

/** What all charts over time of a page have in common. */
export interface Span {
  /** Where the axis ends, in seconds. */
  readonly seconds: number;
  readonly areas: readonly Area[];
}

export interface Point {
  /** Seconds. */
  readonly at: number;
  readonly value: number;
}

/** Values over time as a line, behind it the areas. */
export function lineChart(span: Span, points: readonly Point[]): string {
  const most = Math.max(1, ...points.map(({ value }) => value));
  const y = (value: number): number => HEIGHT - BELOW - ((HEIGHT - BELOW - 12) * value) / most;
  const line = points.map(({ at, value }) => `${x(span, at)},${y(value).toFixed(1)}`).join(' ');
  return overTime(span, [
    `<text x="0" y="16">${most < 10 ? most.toFixed(1) : Math.round(most)}</text><text x="0" y="${HEIGHT - BELOW}">0</text>`,
    `<polyline points="${line}"/>`,
  ]);
}

/** Who or what is seen again and again: well or not, each time. */
export interface Row {
  readonly name: string;
  readonly dots: readonly { readonly at: number; readonly good: boolean }[];
}

/** Rows of dots over time. */
export function dotChart(span: Span, rows: readonly Row[]): string {
  const step = (HEIGHT - BELOW) / rows.length;
  const parts = rows.map(({ name, dots }, i) => {
    const top = i * step;
    const drawn = dots.map(
      ({ at, good }) =>
        `<circle class="dot ${good ? 'good' : 'poor'}" cx="${x(span, at)}" cy="${top + step * 0.7}" r="4"/>`,
    );
    return `<text x="${LEFT}" y="${top + step * 0.4}">${escaped(name)}</text>${drawn.join('')}`;
  });
  return overTime(span, parts);
}

/** Values beside each other, each with its name. */
export function barChart(label: string, bars: readonly (readonly [name: string, value: number])[]): string {
  const most = Math.max(1e-9, ...bars.map(([, value]) => value));
  const row = HEIGHT / bars.length;
  const drawn = bars.map(([name, value], i) => {
    const y = i * row;
    const width = ((WIDTH - 160) * value) / most;
    return `<text x="0" y="${y + row / 2 + 4}">${escaped(name)}</text><rect class="bar" x="60" y="${y + 4}" width="${width.toFixed(1)}" height="${row - 8}"/><text x="${(width + 66).toFixed(1)}" y="${y + row / 2 + 4}">${value.toFixed(2)}</text>`;
  });
  return svg(label, drawn);
}

function x({ seconds }: Span, at: number): string {
  return (LEFT + ((WIDTH - LEFT - RIGHT) * at) / Math.max(1, seconds)).toFixed(1);
}

function overTime(span: Span, parts: readonly string[]): string {
  const areas = span.areas.map(({ name, from, until }) => {
    const left = Number(x(span, from));
    const width = Math.max(2, Number(x(span, until)) - left);
    return `<rect class="area" x="${left}" y="0" width="${width.toFixed(1)}" height="${HEIGHT - BELOW}"><title>${escaped(name)}</title></rect>`;
  });
  const scale = `<text x="${LEFT}" y="${HEIGHT - 4}">0 s</text><text x="${WIDTH - 40}" y="${HEIGHT - 4}">${span.seconds.toFixed(0)} s</text>`;
  return svg('Over time', [...areas, scale, ...parts]);
}

function svg(label: string, parts: readonly string[]): string {
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escaped(label)}">${parts.join('')}</svg>`;
}
