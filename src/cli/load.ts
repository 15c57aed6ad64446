import path from 'node:path';
import { MEASURES } from '../load/contract.ts';
import { htmlReport } from '../load/report/html.ts';
import { jsonReport } from '../load/report/json.ts';
import { textReport } from '../load/report/text.ts';
import { type LoadReport, load, type Progress } from '../load/run.ts';
import { type Scenario, ScenarioError, scenarioOf } from '../load/scenario.ts';
import { VARIABLES } from '../load/template.ts';
import { ENDPOINT_OPTIONS } from './endpoint.ts';
import type { Exit } from './exit.ts';
import { readBytes } from './files.ts';
import { checkReports, type ReportForms, writeReports } from './reports.ts';
import { type Given, UsageError, type Verb } from './verb.ts';
import { readYaml } from './yaml.ts';

/** Each form of the report that goes to a file: an option of the same name. */
const REPORTS: ReportForms<LoadReport> = {
  json: jsonReport,
  html: htmlReport,
};

const EXITS = { held: 'done', broken: 'contractBroken', bound: 'generatorBound' } as const;

/** `sallyport load [URL]` */
export const verb: Verb = {
  positionals: ['[URL]'],
  options: {
    scenario: {
      type: 'string',
      short: 's',
      value: 'FILE',
      help: 'A scenario in YAML; other options come before it.',
    },
    connections: { type: 'string', short: 'c', value: 'N', help: 'Connections; 10 if left out.' },
    duration: { type: 'string', short: 'd', value: 'TIME', help: 'Of the steady load; 10s if left out.' },
    ramp: { type: 'string', value: 'TIME', help: 'Over which connections are opened; 1s if left out.' },
    message: {
      type: 'string',
      short: 'm',
      value: 'TEMPLATE',
      multiple: true,
      help: 'What is sent; without any, connections are idle.',
    },
    outstanding: {
      type: 'string',
      value: 'N',
      help: 'Closed loop: messages of a connection that wait for their answer. Without it and --rate: one, a second apart.',
    },
    rate: {
      type: 'string',
      value: 'RATE',
      help: 'Open loop: messages of all connections together, like 500/s.',
    },
    answer: { type: 'string', value: 'HOW', help: '"order", or a JSON pointer to the {id} in an answer.' },
    processes: { type: 'string', value: 'N', help: 'Of the generator; 1 if left out.' },
    protocol: ENDPOINT_OPTIONS.protocol,
    origin: { type: 'string', value: 'ORIGIN', help: 'The Origin to name.' },
    tokens: { type: 'string', value: 'FILE', help: 'A bearer token a line.' },
    address: ENDPOINT_OPTIONS.address,
    ca: { type: 'string', value: 'FILE', help: 'PEM: authorities to trust besides the public ones.' },
    contract: {
      type: 'string',
      value: 'LINE',
      multiple: true,
      help: 'What must hold, like "latency.p99 <= 50ms".',
    },
    json: { type: 'string', value: 'FILE', help: 'Write the report as JSON; - is standard output.' },
    html: { type: 'string', value: 'FILE', help: 'Write the report as one page with charts.' },
    quiet: { type: 'boolean', short: 'q', help: 'No progress.' },
  },
  examples: [
    'load wss://localhost:8443/chat --ca ca.pem --connections 200 --duration 1m',
    'load wss://localhost:8443/chat --message \'{"id":"{id}"}\' --answer /id --rate 500/s --contract \'latency.p99 <= 50ms\'',
    'load --scenario steady.yaml --tokens tokens.txt --json - --html report.html',
  ],
  notes: [
    `Variables of a template: ${VARIABLES.map((name) => `{${name}}`).join(' ')}; {text:64} {number:1-9} {pick:a|b} take an argument.`,
    `Measures of a contract: ${Object.keys(MEASURES).join(', ')}.`,
    'A broken contract is exit code 7. If the generator itself could not keep up, it reports no numbers: exit code 8.',
  ].join('\n'),
  async run(given, io): Promise<Exit> {
    const { scenario, folder } = readScenario(given);
    checkReports(REPORTS, given);
    io.err(planText(scenario));
    const stop = new AbortController();
    const off = io.onSignal('SIGINT', () => stop.abort());
    const progress = (now: Progress): void => io.err(progressText(now));
    try {
      const report = await load(scenario, {
        folder,
        signal: stop.signal,
        ...(!given.flag('quiet') && { progress }),
      });
      writeReports(report, REPORTS, textReport, given, io);
      return EXITS[report.verdict];
    } catch (error) {
      throw error instanceof ScenarioError ? new UsageError(error.message) : error;
    } finally {
      off();
    }
  },
};

/** A scenario from its file, if there is one, and what stands on the command line over it. */
function readScenario(given: Given): { scenario: Scenario; folder: string } {
  const file = given.text('scenario');
  const written = file === undefined ? {} : writtenIn(file);
  try {
    const scenario = scenarioOf({ ...written, ...overridden(given) });
    return { scenario, folder: file === undefined ? process.cwd() : path.dirname(path.resolve(file)) };
  } catch (error) {
    throw error instanceof ScenarioError ? new UsageError(error.message) : error;
  }
}

function writtenIn(file: string): object {
  const value = readYaml(file);
  if (typeof value === 'object' && value !== null) return value;
  throw new UsageError(`${file} is no scenario`);
}

function overridden(given: Given): Record<string, unknown> {
  const text = (name: string): string | undefined => given.text(name);
  const number = (name: string): number | undefined => {
    const value = text(name);
    if (value !== undefined && !/^\d{1,9}$/.test(value))
      throw new UsageError(`--${name} is a whole number; not ${JSON.stringify(value)}`);
    return value === undefined ? undefined : Number(value);
  };
  const list = (name: string): readonly string[] | undefined =>
    given.texts(name).length > 0 ? given.texts(name) : undefined;
  const [rate, outstanding, tokens, ca] = [text('rate'), number('outstanding'), text('tokens'), text('ca')];
  if (rate !== undefined && outstanding !== undefined) throw new UsageError('either --rate or --outstanding');
  for (const file of [tokens, ca]) if (file !== undefined) readBytes(file); // before anything begins
  const values = {
    target: given.positionals[0],
    address: text('address'),
    connections: number('connections'),
    processes: number('processes'),
    duration: text('duration'),
    ramp: text('ramp'),
    answer: text('answer'),
    origin: text('origin'),
    protocols: list('protocol'),
    messages: list('message')?.map((template) => ({ template })),
    pace: rate !== undefined ? { rate } : outstanding !== undefined ? { outstanding } : undefined,
    identities: tokens === undefined ? undefined : { tokens: path.resolve(tokens) },
    tls: ca === undefined ? undefined : { ca: path.resolve(ca) },
    contract: list('contract'),
  };
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

/** What will be done, before it is. */
function planText(scenario: Scenario): string {
  const { target, connections, ramp, duration, slowReaders, churn, storm, outcomes } = scenario;
  const more = [
    slowReaders > 0 && `${Math.round(slowReaders * 100)} % of them never read`,
    churn && `${churn.count} renewed every ${churn.period / 1_000} s`,
    storm && `${Math.round(storm.share * 100)} % of them cut after ${storm.at / 1_000} s`,
    outcomes.length > 0 && `${outcomes.length} outcomes tried on connections of their own`,
  ].filter(Boolean);
  const text = `${connections} connections over ${ramp / 1_000} s, then ${duration / 1_000} s of load, ${messagesText(scenario)}`;
  return [`${target}: ${text}`, ...more].join(', ');
}

/** What a scenario's connections send, in words. */
function messagesText({ messages, pace }: Scenario): string {
  if (messages.length === 0) return 'idle';
  if ('rate' in pace) return `${pace.rate.count} messages every ${pace.rate.period / 1_000} s in all`;
  const waiting = `${pace.outstanding} messages waiting on each`;
  return pace.think > 0 ? `${waiting}, ${pace.think / 1_000} s after an answer` : waiting;
}

function progressText({ seconds, open, sent, answered }: Progress): string {
  return `${seconds.toFixed(1).padStart(7)} s  ${open} open  ${sent} sent  ${answered} answered`;
}
