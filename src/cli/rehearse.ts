import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { nearest } from '../config/nearest.ts';
import { type Rule, RulesError, rulesOf } from '../rehearse/alarms/rules.ts';
import { gentled } from '../rehearse/gentle.ts';
import { type Rehearsal, RehearsalError, rehearsalOf } from '../rehearse/rehearsal.ts';
import { htmlReport } from '../rehearse/report/html.ts';
import { jsonReport } from '../rehearse/report/json.ts';
import { planText } from '../rehearse/report/plan.ts';
import { textReport } from '../rehearse/report/text.ts';
import { type RehearsalReport, rehearse } from '../rehearse/run.ts';
import { ENDPOINT_OPTIONS } from './endpoint.ts';
import type { Exit } from './exit.ts';
import { readBytes } from './files.ts';
import type { Io } from './io.ts';
import { checkReports, type ReportForms, writeReports } from './reports.ts';
import { type Given, UsageError, type Verb } from './verb.ts';
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
    target: {
      type: 'string',
      short: 't',
      value: 'URL',
      help: 'Play it on this endpoint, like wss://host/path, in place of gateways that it starts itself.',
    },
    full: { type: 'boolean', help: 'On an endpoint: do all that the file says, though it may be a burden.' },
    address: ENDPOINT_OPTIONS.address,
    ca: {
      type: 'string',
      value: 'FILE',
      help: 'For --target. PEM: authorities to trust besides the public ones.',
    },
    tokens: { type: 'string', value: 'FILE', help: 'For --target. A bearer token a line.' },
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
    'rehearse any-endpoint --target wss://staging.example.com/chat --tokens tokens.txt',
  ],
  notes: [
    'Starts gateways, a backend, an identity provider and a balancer on loopback, puts a load on them, injects faults, watches,',
    'judges, and ends and removes all that it started. It says first what it will do.',
    'With --target, or a target in the file, it acts on that endpoint alone, from outside, and gently unless --full is said;',
    'what only you can break there is broken and mended by commands of yours that the file names.',
    'Something that must hold and did not is exit code 10. If the load generator could not keep up, promises about times are not',
    'judged: exit code 8.',
  ].join('\n'),
  async run(given, io): Promise<Exit> {
    if (given.flag('list')) return list(io);
    const file = fileOf(given.positionals[0]);
    const written = read(file, targetOf(given));
    const { rehearsal, lowered } =
      written.target && !given.flag('full') ? gentled(written) : { rehearsal: written, lowered: [] };
    const rules = readRules(given.text('alerts') ?? ALERTS);
    checkReports(REPORTS, given);
    io.err(planText(rehearsal, lowered));
    const stop = new AbortController();
    const off = (['SIGINT', 'SIGTERM'] as const).map((name) => io.onSignal(name, () => stop.abort()));
    try {
      const progress = given.flag('quiet') ? {} : { progress: (now: string) => io.err(now) };
      const folder = path.dirname(path.resolve(file));
      const report = await rehearse(rehearsal, { folder, rules, signal: stop.signal, ...progress });
      writeReports(report, REPORTS, textReport, given, io);
      return EXITS[report.verdict];
    } catch (error) {
      if (error instanceof RehearsalError) throw new UsageError(error.message);
      if (!stop.signal.aborted) throw error;
      io.err('interrupted; what was started is ended, and what was broken is mended');
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
  for (const name of all) io.out(`${name.padEnd(width)}  ${read(shipped(name)).about}`);
  return 'done';
}

/** The file of one that comes with the package, by its name, or the file itself. */
function fileOf(word: string | undefined): string {
  const all = names();
  if (word === undefined)
    throw new UsageError(`rehearse needs a name or a file; there are ${all.join(', ')}`);
  if (all.includes(word)) return shipped(word);
  if (existsSync(word)) return word;
  const close = nearest(word, all);
  const hint = close === undefined ? `there are ${all.join(', ')}` : `did you mean ${close}?`;
  throw new UsageError(`there is no ${word}; ${hint}`);
}

function shipped(name: string): string {
  return path.join(SHIPPED, `${name}.yaml`);
}

/** `over` goes over its target. */
function read(file: string, over: object = {}): Rehearsal {
  const written = readYaml(file);
  try {
    return rehearsalOf(Object.keys(over).length === 0 ? written : withTarget(written, over));
  } catch (error) {
    throw error instanceof RehearsalError ? new UsageError(`${file}: ${error.message}`) : error;
  }
}

function withTarget(written: unknown, over: object): unknown {
  if (typeof written !== 'object' || written === null) return written;
  const { target } = written as { readonly target?: object };
  return { ...written, target: { ...target, ...over } };
}

/** What the command line says of an endpoint. */
function targetOf(given: Given): object {
  const [url, address, ca, tokens] = ['target', 'address', 'ca', 'tokens'].map((name) => given.text(name));
  for (const file of [ca, tokens]) if (file !== undefined) readBytes(file); // before anything begins
  return {
    ...(url !== undefined && { url }),
    ...(address !== undefined && { address }),
    ...(ca !== undefined && { ca: path.resolve(ca) }),
    ...(tokens !== undefined && { identities: { tokens: path.resolve(tokens) } }),
  };
}

function readRules(file: string): Rule[] {
  try {
    return rulesOf(readYaml(file));
  } catch (error) {
    throw error instanceof RulesError ? new UsageError(`cannot use ${file}: ${error.message}`) : error;
  }
}
