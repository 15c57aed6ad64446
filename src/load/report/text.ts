import type { LoadReport } from '../run.ts';
import type { Quantiles } from '../summary.ts';

/** The report for a terminal. */
export function textReport({ scenario, summary, contract, verdict }: LoadReport): string {
  if (summary.bottleneck !== undefined) {
    return [
      `No numbers: ${summary.bottleneck}.`,
      'What was measured says more of the generator than of the endpoint.',
      ...costLines(summary.cost),
      '',
    ].join('\n');
  }
  const { connections, messages, storm, outcomes } = summary;
  return [
    `${scenario.target}, ${scenario.connections} connections, ${summary.seconds.toFixed(1)} s`,
    '',
    `connections  ${connections.opened} of ${connections.tried} opened, ${connections.lost} lost${listOf(connections.refused, 'refused')}`,
    `             ${quantiles(summary.opening)} to open`,
    ...(Object.keys(connections.closes).length > 0
      ? [`             closed${listOf(connections.closes, '')}`]
      : []),
    `messages     ${messages.sent} sent, ${messages.answered} answered, ${messages.unanswered} not; ${messages.rate.toFixed(0)} answers/s`,
    `latency      ${quantiles(summary.latency)}`,
    ...(storm ? [`storm        last one back after ${storm.recovery.toFixed(0)} ms`] : []),
    ...costLines(summary.cost),
    ...(outcomes.length > 0
      ? ['', ...outcomes.map(({ held, name, seen }) => `${markOf(held).padEnd(4)} ${name}: ${seen}`)]
      : []),
    ...(contract.length > 0
      ? ['', ...contract.map((line) => `${markOf(line.kept).padEnd(4)} ${line.text}: ${seenText(line)}`)]
      : []),
    '',
    verdict === 'held' ? 'The contract holds.' : 'The contract is broken.',
    '',
  ].join('\n');
}

/** A number as reports show it, with its unit. */
export function seenText({ seen, unit }: { readonly seen: number; readonly unit: string }): string {
  const digits = unit === '' ? 0 : seen < 10 ? 2 : 1;
  return `${seen.toFixed(digits)}${unit === '' || unit === '/s' ? unit : ` ${unit}`}`;
}

/** A mark for what was kept, missed, or not judged. */
export function markOf(kept: boolean | undefined): string {
  return kept === undefined ? '?' : kept ? 'ok' : 'FAIL';
}

function quantiles({ p50, p90, p99, p999, max }: Quantiles): string {
  const ms = (value: number): string => value.toFixed(value < 10 ? 2 : 1);
  return `p50 ${ms(p50)}  p90 ${ms(p90)}  p99 ${ms(p99)}  p99.9 ${ms(p999)}  max ${ms(max)} ms`;
}

function listOf(counts: Readonly<Record<string, number>>, word: string): string {
  const parts = Object.entries(counts).map(([what, count]) => `${what}: ${count}`);
  return parts.length === 0 ? '' : `${word === '' ? ' ' : `, ${word} `}(${parts.join(', ')})`;
}

function costLines(cost: LoadReport['summary']['cost']): string[] {
  const each = cost.map(
    ({ cpu, delay, memory }) =>
      `${Math.round(cpu * 100)} % of a core, loop delay p99 ${delay.toFixed(1)} ms, ${Math.round(memory / 1_048_576)} MiB`,
  );
  return [`own cost     ${each.join('; ')}`];
}
