import type { Evidence } from '../evidence.ts';

const WIDTH = 800;
const HEIGHT = 160;
/** Room for what is written at the left, at the right and below. */
const [LEFT, RIGHT, BELOW] = [48, 10, 20];

/** Values over time as a line, behind it the faults as red areas. An SVG that needs nothing else. */
export function lineChart(
  evidence: Evidence,
  points: readonly { readonly at: number; readonly value: number }[],
): string {
  const most = Math.max(1, ...points.map(({ value }) => value));
  const y = (value: number): number => HEIGHT - BELOW - ((HEIGHT - BELOW - 12) * value) / most;
  const line = points.map(({ at, value }) => `${x(evidence, at)},${y(value).toFixed(1)}`).join(' ');
  return drawn(evidence, [
    `<text x="0" y="16">${most < 10 ? most.toFixed(1) : Math.round(most)}</text><text x="0" y="${HEIGHT - BELOW}">0</text>`,
    `<polyline fill="none" stroke="#3b6fb6" stroke-width="2" points="${line}"/>`,
  ]);
}

/** Newcomers above, strangers below: green if it went as it should, red if not. */
export function trialChart(evidence: Evidence): string {
  const dots = evidence.trials.map(({ at, who, admitted }) => {
    const right = admitted === (who === 'newcomer');
    const y = who === 'newcomer' ? 45 : 105;
    return `<circle cx="${x(evidence, at)}" cy="${y}" r="4" fill="${right ? '#12703a' : '#a5281b'}"/>`;
  });
  return drawn(evidence, [
    '<text x="0" y="30">newcomers, who must be let in</text><text x="0" y="90">strangers, who must not</text>',
    ...dots,
  ]);
}

function x({ ended }: Evidence, at: number): string {
  return (LEFT + ((WIDTH - LEFT - RIGHT) * at) / Math.max(1, ended)).toFixed(1);
}

function drawn(evidence: Evidence, parts: readonly string[]): string {
  const { faults, ended } = evidence;
  const areas = faults.map(({ fault, began, over }) => {
    const from = Number(x(evidence, began));
    const width = Math.max(2, Number(x(evidence, over)) - from);
    return `<rect x="${from}" y="0" width="${width.toFixed(1)}" height="${HEIGHT - BELOW}" fill="#a5281b" opacity="0.15"><title>${fault}</title></rect>`;
  });
  const scale = `<text x="${LEFT}" y="${HEIGHT - 4}">0 s</text><text x="${WIDTH - 40}" y="${HEIGHT - 4}">${ended.toFixed(0)} s</text>`;
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="Over time">${areas.join('')}${scale}${parts.join('')}</svg>`;
}
