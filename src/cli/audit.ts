import { ALLOWANCE_HELP, Budget, DEFAULT_ALLOWANCE } from '../audit/budget.ts';
import { isAtLeast } from '../audit/grade.ts';
import { planText } from '../audit/plan.ts';
import { patienceFor } from '../audit/reach.ts';
import { htmlReport } from '../audit/report/html.ts';
import { jsonReport } from '../audit/report/json.ts';
import { sarifReport } from '../audit/report/sarif.ts';
import { type Paint, resultLine, textReport } from '../audit/report/text.ts';
import { type AuditReport, type AuditRequest, audit } from '../audit/run.ts';
import { allowanceOf, minimumOf, onlyOf, watchOf } from './audit/options.ts';
import { ENDPOINT_OPTIONS, fieldsOf, outputOf, placeOf, targetOf, tokenOf, trustOf } from './endpoint.ts';
import type { Exit } from './exit.ts';
import type { Io } from './io.ts';
import { checkReports, type ReportForms, writeReports } from './reports.ts';
import type { Given, Verb } from './verb.ts';

/** Each form of the report that goes to a file: an option of the same name. */
const REPORTS: ReportForms<AuditReport> = {
  json: jsonReport,
  sarif: sarifReport,
  html: htmlReport,
};

const budgetHelp = Object.entries(DEFAULT_ALLOWANCE)
  .map(
    ([name, value]) => `  ${name}=${value}`.padEnd(24) + ALLOWANCE_HELP[name as keyof typeof ALLOWANCE_HELP],
  )
  .join('\n');

/** `sallyport audit URL` */
export const verb: Verb = {
  positionals: ['URL'],
  options: {
    only: {
      type: 'string',
      value: 'NAME',
      multiple: true,
      help: 'Only this check, or this group: transport, handshake, identity, frames, limits or rotation.',
    },
    ...ENDPOINT_OPTIONS,
    'expired-token': { type: 'string', value: 'TOKEN', help: 'A token that was good once.' },
    'ticket-command': { type: 'string', value: 'COMMAND', help: 'Prints a ticket that may be used once.' },
    'ticket-parameter': {
      type: 'string',
      value: 'NAME',
      help: 'The query parameter for the ticket; "ticket" if left out.',
    },
    budget: { type: 'string', value: 'NAME=N', multiple: true, help: 'What the audit may spend, see below.' },
    watch: {
      type: 'string',
      value: 'DURATION',
      help: 'Hold sockets open so long, and report what a renewal of the certificate does to them.',
    },
    json: { type: 'string', value: 'FILE', help: 'Write the report as JSON; - is standard output.' },
    sarif: { type: 'string', value: 'FILE', help: 'Write the report as SARIF 2.1.0, for code scanning.' },
    html: { type: 'string', value: 'FILE', help: 'Write the report as one page that needs nothing else.' },
    ci: {
      type: 'boolean',
      help: 'For pipelines: no progress, and exit code 6 below --minimum-grade (A if left out).',
    },
    'minimum-grade': { type: 'string', value: 'GRADE', help: 'Exit with 6 if the grade is worse.' },
  },
  examples: [
    'audit wss://ws.example.com/chat --origin https://app.example.com',
    'audit wss://localhost:8443/ --ca ca.pem --only transport --only handshake',
    'audit wss://ws.example.com/chat --ci --minimum-grade B --json audit.json',
  ],
  notes: `The budget, and what stands if nothing is said:\n${budgetHelp}`,
  async run(given, io): Promise<Exit> {
    const minimum = minimumOf(given);
    checkReports(REPORTS, given);
    const report = await audit(await requestOf(given, io), (result, done, all) => {
      if (!given.flag('ci')) io.err(`${`${done}/${all}`.padStart(7)}${resultLine(result, paintOf(io))}`);
    });
    writeReports(report, REPORTS, (each) => textReport(each, paintOf(io)), given, io);
    return minimum === undefined || isAtLeast(report.grade, minimum) ? 'done' : 'belowGrade';
  },
};

async function requestOf(given: Given, io: Io): Promise<AuditRequest> {
  const allowance = allowanceOf(given);
  const only = onlyOf(given);
  const watch = watchOf(given);
  const always = fieldsOf(given);
  const trust = trustOf(given);
  const place = placeOf(given);
  const target = await targetOf(given, 'audit');
  const token = await tokenOf(given, io);
  io.err(planText(target, allowance, only, watch));
  const ticket = given.text('ticket-command');
  const stop = new AbortController();
  // Without --watch a signal ends the process, as it always does.
  if (watch) io.onSignal('SIGINT', () => stop.abort());
  return {
    asker: {
      target,
      budget: new Budget(allowance),
      patience: patienceFor(allowance),
      trust,
      login: { always, token, place },
    },
    only,
    watch,
    signal: stop.signal,
    notify: (line) => io.err(`  ${line}`),
    credentials: {
      expiredToken: given.text('expired-token'),
      ticket: ticket === undefined ? undefined : () => outputOf(ticket),
      ticketParameter: given.text('ticket-parameter') ?? 'ticket',
    },
  };
}

function paintOf(io: Io): Paint {
  return (colour, text) => io.style(colour, text);
}
