import type { AuditReport } from '../run.ts';

/** The report for programs. Its shape is stable: fields are added, never changed. */
export function jsonReport(report: AuditReport): string {
  const { target, ...rest } = report;
  return `${JSON.stringify({ version: 1, url: target.url, address: target.address, ...rest }, undefined, 2)}\n`;
}
