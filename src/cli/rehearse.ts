import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { nearest } from '../config/nearest.ts';
import { type Rule, RulesError, rulesOf } from '../rehearse/alarms/rules.ts';
import { type Rehearsal, RehearsalError, rehearsalOf } from '../rehearse/rehearsal.ts';
import { htmlReport } from '../rehearse/report/html.ts';
import { jsonReport } from '../rehearse/report/json.ts';
import { textReport } from '../rehearse/report/text.ts';
import { type RehearsalReport, rehearse } from '../rehearse/run.ts';
import type { Exit } from './exit.ts';
import type { Io } from './io.ts';
import { type ReportForms, writeReports } from './reports.ts';
import { UsageError, type Verb } from './verb.ts';
import { readYaml } from './yaml.ts';

/** Those that come with the package. */
const SHIPPED = fileURLToPath(new URL('../../examples/rehearsals/', import.meta.url));

const ALERTS = fileURLToPath(new URL('../../deploy/alerts.yaml', import.meta.url));

const EXITS = { held: 'done', broken: 'rehearsalBroken', bound: 'generatorBound' } as const;

/** Each form of the report that goes to a file: an option of the same name. */
const REPORTS: ReportForms<RehearsalReport> = {
  json: jsonReport,
  html: htmlReport,
};

/** `sallyport rehearse [NAME|FILE]` */
export const verb: Verb = {
  positionals: ['[NAME|FILE]'],
  options: {
    list: { type: 'boolean', short: 'l', help: 'List the rehearsals that there are.' },
    alerts: { type: 'string', value: 'FILE', help: 'Alerting rules of Prometheus, in place of ours.' },
    json: { type: 'string', value: 'FILE', help: 'Write the report as JSON; - is standard output.' },
    html: {
      type: 'string',
      value: 'FILE',
      help: 'Write the report as one page with the time line as charts.',
    },
    quiet: { type: 'boolean', short: 'q', help: 'No progress.' },
  },
  examples: [
    'rehearse --list',
    'rehearse identity-provider-outage --html report.html',
    'rehearse our-game-day.yaml --alerts our-alerts.yaml --json -',
  ],
  notes: [
    'Starts gateways, a backend, an identity provider and a balancer on loopback, puts a load on them, injects faults, watches,',
    'judges, and ends and removes all that it started. It says first what it will do.',
    'Something that must hold and did not is exit code 10. If the load generator could not keep up, promises about times are not',
    'judged: exit code 8.',
  ].join('\n'),
  async run(given, io): Promise<Exit> {
    if (given.flag('list')) return list(io);
    const rehearsal = read(given.positionals[0]);
    const rules = readRules(given.text('alerts') ?? ALERTS);
    io.err(planText(rehearsal));
    const stop = new AbortController();
    const off = (['SIGINT', 'SIGTERM'] as const).map((name) => io.onSignal(name, () => stop.abort()));
    try {
      const progress = given.flag('quiet') ? {} : { progress: (now: string) => io.err(now) };
      const report = await rehearse(rehearsal, { rules, signal: stop.signal, ...progress });
      writeReports(report, REPORTS, textReport, given, io);
      return EXITS[report.verdict];
    } catch (error) {
      if (error instanceof RehearsalError) throw new UsageError(error.message);
      if (!stop.signal.aborted) throw error;
      io.err('interrupted; everything that was started is ended');
      return 'failed';
    } finally {
      for (const each of off) each();
    }
  },
};

function names(): string[] {
  return readdirSync(SHIPPED)
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => path.basename(file, '.yaml'));
}

function list(io: Io): Exit {
  const all = names();
  const width = Math.max(...all.map((name) => name.length));
  for (const name of all) io.out(`${name.padEnd(width)}  ${read(name).about}`);
  return 'done';
}

/** One that comes with the package, by its name, or a file. */
function read(word: string | undefined): Rehearsal {
  const all = names();
  if (word === undefined)
    throw new UsageError(`rehearse needs a name or a file; there are ${all.join(', ')}`);
  const file = all.includes(word) ? path.join(SHIPPED, `${word}.yaml`) : word;
  if (!existsSync(file)) {
    const close = nearest(word, all);
    const hint = close === undefined ? `there are ${all.join(', ')}` : `did you mean ${close}?`;
    throw new UsageError(`there is no ${word}; ${hint}`);
  }
  try {
    return rehearsalOf(readYaml(file));
  } catch (error) {
    throw error instanceof RehearsalError ? new UsageError(`${file}: ${error.message}`) : error;
  }
}

function readRules(file: string): Rule[] {
  try {
    return rulesOf(readYaml(file));
  } catch (error) {
    throw error instanceof RulesError ? new UsageError(`cannot use ${file}: ${error.message}`) : error;
  }
}

/** What will be done, before it is. */
function planText({ name, about, stage, faults, duration }: Rehearsal): string {
  const nodes = stage.nodes === 1 ? 'a gateway' : `${stage.nodes} gateways`;
  const parts = `an identity provider, a backend${stage.redis ? ', a Redis server' : ''}, ${nodes} behind a balancer`;
  const plan = faults.map(
    (each) =>
      `  at ${each.at / 1_000} s: ${each.fault}${each.for === undefined ? '' : `, for ${each.for / 1_000} s`}`,
  );
  return [
    `${name}: ${about.trim()}`,
    `This starts ${parts} on loopback, holds a load for ${duration / 1_000} s, and ends and removes all of it:`,
    ...plan,
  ].join('\n');
}
