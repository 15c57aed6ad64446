import type { LoadReport } from '../run.ts';

/** The report for programs. Without numbers where the generator was the bottleneck. */
export function jsonReport({ scenario, summary, contract, course, verdict }: LoadReport): string {
  const { cost, bottleneck, ...seen } = summary;
  const { target, connections, processes } = scenario;
  const told = verdict === 'bound' ? {} : { ...seen, contract, course };
  const report = { version: 1, verdict, target, connections, processes, bottleneck, cost, ...told };
  // Infinity is no JSON: what never came is null.
  return `${JSON.stringify(report, (_key, value) => (value === Number.POSITIVE_INFINITY ? null : value), 2)}\n`;
}
