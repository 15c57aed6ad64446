import { readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import type { Cell, Result } from './measure.ts';

const FILE = 'docs/performance.md';
const MAJOR = process.versions.node.split('.')[0];
/** Each Node has a place of its own in the page. */
const BEGIN = `<!-- npm run bench, Node ${MAJOR} -->`;
const END = '<!-- end -->';

const SHAPES = [
  { bytes: 64, outstanding: 1 },
  { bytes: 64, outstanding: 16 },
  { bytes: 1_024, outstanding: 1 },
  { bytes: 1_024, outstanding: 16 },
];

function cellOf(result: Result, shape: { bytes: number; outstanding: number }): Cell | undefined {
  return result.cells.find((cell) => cell.bytes === shape.bytes && cell.outstanding === shape.outstanding);
}

/** `value (ratio ×)`, the ratio against the first contender, which is nginx where it is installed. */
function beside(value: number | undefined, base: number | undefined, digits: number): string {
  if (value === undefined || Number.isNaN(value)) return '–';
  const ratio = base === undefined || Number.isNaN(base) ? '' : ` (${(value / base).toFixed(2)} ×)`;
  return `${value.toFixed(digits)}${ratio}`;
}

function rowsOf(results: readonly Result[], cell: (result: Result) => string[]): string[] {
  return results.map((result) => `| ${result.name} | ${cell(result).join(' | ')} |`);
}

/** The tables, in Markdown. */
export function table(results: readonly Result[]): string {
  const base = results[0];
  const heads = SHAPES.map(({ bytes, outstanding }) => `${bytes} B, ${outstanding} outstanding`);
  const rule = (columns: number): string => `|---|${'---:|'.repeat(columns)}`;
  return [
    'CPU of the contender per round trip, in microseconds:',
    '',
    `| | ${heads.join(' | ')} |`,
    rule(heads.length),
    ...rowsOf(results, (result) =>
      SHAPES.map((shape) => {
        const own = cellOf(result, shape)?.cpuMicroseconds;
        return beside(own, base && cellOf(base, shape)?.cpuMicroseconds, 2);
      }),
    ),
    '',
    'Round trips a second:',
    '',
    `| | ${heads.join(' | ')} |`,
    rule(heads.length),
    ...rowsOf(results, (result) =>
      SHAPES.map((shape) => {
        const own = cellOf(result, shape)?.throughput;
        return beside(own, base && cellOf(base, shape)?.throughput, 0);
      }),
    ),
    '',
    'Idle connections and handshakes:',
    '',
    '| | KiB an idle connection | CPU µs a handshake |',
    rule(2),
    ...rowsOf(results, (result) => [
      beside(result.idleBytes / 1_024, base && base.idleBytes / 1_024, 1),
      beside(result.handshakeMicroseconds, base?.handshakeMicroseconds, 0),
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
