import { CASE, type Case } from './case.ts';
import { ORACLES } from './oracle.ts';
import type { Finding, FuzzReport } from './run.ts';

/** A finding as a file that replays: nothing in it but the case, what was expected and what was seen. */
export function findingFile({ oracle, seen, case: found }: Finding): string {
  return `${JSON.stringify({ oracle, seen, case: found }, null, 2)}\n`;
}

/** Reads the case of a file. @throws RangeError for one that holds none. */
export function readFinding(text: string): Case {
  try {
    return CASE.parse((JSON.parse(text) as { case?: unknown }).case);
  } catch {
    throw new RangeError('no finding of sallyport fuzz');
  }
}

/** One line for each finding, and a last one. */
export function textReport({ seed, tried, unanswered, findings, ended }: FuzzReport): string {
  const lines = findings.map(findingLine);
  const more = unanswered > 0 ? `, ${unanswered} of them without an answer` : '';
  const end = ended === undefined ? '' : `; stopped: ${ended}`;
  return [...lines, `${tried} cases from seed ${seed}${more}: ${findings.length} findings${end}`, ''].join(
    '\n',
  );
}

export function findingLine({ oracle, seen, case: found, index }: Finding): string {
  const what = found.steps.map((step) => step.what).join(', ');
  return `${oracle}  case ${index} (${found.stage}): ${what}: ${seen}\n    ${ORACLES[oracle]}`;
}

export function jsonReport(report: FuzzReport): string {
  return `${JSON.stringify({ version: 1, ...report }, null, 2)}\n`;
}
