import { readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { type Cell, type Result, SHAPES } from './measure.ts';
import { median } from './process.ts';

const FILE = 'docs/performance.md';
const MAJOR = process.versions.node.split('.')[0];
/** Each Node has a place of its own in the page. */
const BEGIN = `<!-- npm run bench, Node ${MAJOR} -->`;
const END = '<!-- end -->';

/** `value (ratio ×)`: medians over the rounds, the ratio against what the first contender did in the same round. */
function beside(values: readonly number[], base: readonly number[], digits: number): string {
  const ratio = median(values.map((value, round) => value / base[round]!));
  return `${median(values).toFixed(digits)} (${ratio.toFixed(2)} ×)`;
}

function rowsOf(results: readonly Result[], cell: (result: Result) => string[]): string[] {
  return results.map((result) => `| ${result.name} | ${cell(result).join(' | ')} |`);
}

/** The tables, in Markdown. The first contender is nginx where it is installed. */
export function table(results: readonly Result[]): string {
  const [base] = results;
  if (!base) return '';
  const heads = SHAPES.map(({ bytes, outstanding }) => `${bytes} B, ${outstanding} outstanding`);
  const rule = (columns: number): string => `|---|${'---:|'.repeat(columns)}`;
  const messages = (of: (cell: Cell) => readonly number[], digits: number): string[] => [
    `| | ${heads.join(' | ')} |`,
    rule(heads.length),
    ...rowsOf(results, ({ cells }) => cells.map((cell, i) => beside(of(cell), of(base.cells[i]!), digits))),
    '',
  ];
  return [
    'CPU of the contender per round trip, in microseconds:',
    '',
    ...messages(({ cpu }) => cpu, 2),
    'Round trips a second:',
    '',
    ...messages(({ throughput }) => throughput, 0),
    'Idle connections and handshakes:',
    '',
    '| | KiB an idle connection | CPU µs a handshake |',
    rule(2),
    ...rowsOf(results, ({ idleBytes, handshakes }) => [
      beside([idleBytes / 1_024], [base.idleBytes / 1_024], 1),
      beside(handshakes, base.handshakes, 0),
    ]),
  ].join('\n');
}

/** Puts the tables into the place of this Node in docs/performance.md; the prose around it stays. */
export function writeReport(results: readonly Result[]): void {
  const text = readFileSync(FILE, 'utf8');
  const [before, ...rest] = text.split(BEGIN);
  const behind = rest.join(BEGIN);
  const end = behind.indexOf(END);
  if (before === undefined || end < 0) throw new Error(`${FILE} has no place ${BEGIN} for these tables`);
  const machine = `Node ${process.versions.node}, ${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} cores.`;
  writeFileSync(FILE, `${before}${BEGIN}\n\n${machine}\n\n${table(results)}\n\n${behind.slice(end)}`);
}
