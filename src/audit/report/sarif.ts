import { type Check, GROUPS, type Weight } from '../check.ts';
import { CHECKS } from '../checks/list.ts';
import type { Result } from '../judge.ts';
import type { AuditReport } from '../run.ts';

/** How heavy a fault is for those who read SARIF; a number as in CVSS for those who sort by it. */
const LEVELS: Readonly<Record<Weight, readonly [level: 'error' | 'warning' | 'note', severity: string]>> = {
  critical: ['error', '9.5'],
  high: ['error', '8.0'],
  medium: ['warning', '5.5'],
  low: ['note', '3.0'],
  advice: ['note', '0.0'],
};

/** The report for code scanning: SARIF 2.1.0 (OASIS). Every check is a rule; what failed or warned is a result. */
export function sarifReport(report: AuditReport): string {
  return `${JSON.stringify(sarifLog(report), undefined, 2)}\n`;
}

/** As `sarifReport`, before it is text. */
export function sarifLog(report: AuditReport) {
  const faults = report.results.filter(({ verdict }) => verdict === 'fail' || verdict === 'warn');
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0' as const,
    runs: [
      {
        tool: { driver: { name: 'sallyport audit', rules: CHECKS.map(ruleOf) } },
        automationDetails: { id: `sallyport-audit/${placeOf(report)}` },
        invocations: [invocationOf(report)],
        results: faults.map((result) => resultOf(result, report)),
        properties: { grade: report.grade, because: report.because },
      },
    ],
  };
}

function ruleOf({ id, group, title, weight, standard, why, mend }: Check) {
  const [level, severity] = LEVELS[weight];
  return {
    id,
    shortDescription: { text: title },
    fullDescription: { text: `${why} (${standard})` },
    help: { text: mend },
    defaultConfiguration: { level },
    properties: {
      tags: ['security', 'websocket', group],
      'security-severity': severity,
      about: GROUPS[group],
    },
  };
}

function resultOf(result: Result, report: AuditReport) {
  const [level] = LEVELS[result.weight];
  return {
    ruleId: result.id,
    ruleIndex: CHECKS.findIndex(({ id }) => id === result.id),
    level: result.verdict === 'warn' && level === 'error' ? ('warning' as const) : level,
    message: { text: `Sent: ${result.sent}. Seen: ${result.seen}. ${result.mend}` },
    locations: [
      {
        // A relative reference: what shows SARIF beside code takes no other schemes than file.
        physicalLocation: { artifactLocation: { uri: encodeURI(placeOf(report)) } },
        logicalLocations: [{ fullyQualifiedName: report.target.url, kind: 'resource' }],
      },
    ],
    partialFingerprints: { 'sallyport/v1': `${result.id}@${placeOf(report)}` },
  };
}

/** What came to no conclusion is said, and is no fault. */
function invocationOf({ began, seconds, results }: AuditReport) {
  const open = results.filter(({ verdict }) => verdict === 'inconclusive');
  return {
    executionSuccessful: true,
    startTimeUtc: began,
    endTimeUtc: new Date(Date.parse(began) + seconds * 1_000).toISOString(),
    toolExecutionNotifications: open.map(({ id, seen }) => ({
      level: 'warning' as const,
      message: { text: `no conclusion: ${seen}` },
      associatedRule: { id },
    })),
  };
}

function placeOf({ target }: AuditReport): string {
  return target.url.replace('wss://', '').replace('?…', '');
}
