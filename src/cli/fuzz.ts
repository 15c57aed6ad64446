import { randomInt } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Budget, DEFAULT_ALLOWANCE } from '../audit/budget.ts';
import type { Asker } from '../audit/probe/ask.ts';
import { DEFAULT_PATIENCE } from '../audit/reach.ts';
import type { Messages } from '../fuzz/messages.ts';
import { ORACLES } from '../fuzz/oracle.ts';
import { findingFile, findingLine, jsonReport, readFinding, textReport } from '../fuzz/report.ts';
import { type Finding, fuzz } from '../fuzz/run.ts';
import { find, tryCase } from '../fuzz/try.ts';
import { ENDPOINT_OPTIONS, fieldsOf, placeOf, targetOf, tokenOf, trustOf } from './endpoint.ts';
import type { Exit } from './exit.ts';
import { makeFolder, readText } from './files.ts';
import { messagesIn } from './fuzz/messages.ts';
import type { Io } from './io.ts';
import { checkReports, writeReports } from './reports.ts';
import { type Given, UsageError, type Verb } from './verb.ts';

/** If nothing is said. */
const CASES = 500;
const SECONDS = 60;

/** Each case may need a few connections: to try it, to make it smaller, to look how the endpoint is. */
const CONNECTIONS_PER_CASE = 12;

/** `sallyport fuzz URL` */
export const verb: Verb = {
  positionals: ['URL'],
  options: {
    cases: { type: 'string', short: 'n', value: 'N', help: `How many cases; ${CASES} if left out.` },
    seed: {
      type: 'string',
      value: 'N',
      help: 'Makes the same cases again; chosen, and printed, if left out.',
    },
    seconds: { type: 'string', value: 'N', help: `Stop after so long; ${SECONDS} if left out.` },
    rate: {
      type: 'string',
      value: 'N',
      help: `Connections a second; ${DEFAULT_ALLOWANCE.rate} if left out.`,
    },
    schema: {
      type: 'string',
      value: 'FILE',
      help: 'A JSON Schema, or an AsyncAPI document: messages are sent that are right, nearly right, and meant ill.',
    },
    refusal: { type: 'string', value: 'TEXT', help: 'Stands in every answer that refuses a message.' },
    metrics: {
      type: 'string',
      value: 'URL',
      help: 'Where the endpoint says its process_resident_memory_bytes, in the format of Prometheus.',
    },
    findings: { type: 'string', value: 'DIR', help: 'Write each finding there, as a file that replays.' },
    replay: { type: 'string', value: 'FILE', multiple: true, help: 'Try a finding again, and nothing else.' },
    ...ENDPOINT_OPTIONS,
    json: { type: 'string', value: 'FILE', help: 'Write the report as JSON; - is standard output.' },
  },
  examples: [
    'fuzz wss://localhost:8443/chat --ca ca.pem --token-command "cat token" --cases 500 --seed 7 --findings findings/',
    'fuzz wss://localhost:8443/chat --ca ca.pem --schema chat.asyncapi.yaml --refusal schema_violation',
    'fuzz wss://localhost:8443/chat --ca ca.pem --replay findings/accepted-frame-12.json',
  ],
  notes: [
    'What is looked for:',
    ...Object.entries(ORACLES).map(([name, meaning]) => `  ${name.padEnd(17)}${meaning}`),
    'A finding is exit code 9. Only the endpoint that you name is touched.',
  ].join('\n'),
  async run(given, io): Promise<Exit> {
    const cases = numberOf(given, 'cases', CASES);
    const seed = numberOf(given, 'seed', randomInt(1_000_000));
    const [messages, memory] = [schemaOf(given), memoryOf(given)];
    checkReports({ json: jsonReport }, given);
    if (given.text('findings') !== undefined) makeFolder(given.text('findings')!);
    const asker = await askerOf(given, cases, io);
    const replays = given.texts('replay');
    if (replays.length > 0) return await replayAll(replays, asker, io);
    const stop = new AbortController();
    const off = io.onSignal('SIGINT', () => stop.abort());
    io.err(
      `${asker.target.url}: ${cases} cases from seed ${seed}, ${asker.budget.allowance.rate} connections a second`,
    );
    await find(asker);
    const request = {
      asker,
      seed,
      cases,
      messages,
      memory,
      signal: stop.signal,
    };
    const told = (finding: Finding): void => {
      io.err(findingLine(finding));
      writeFinding(finding, given);
    };
    const report = await fuzz(request, told, (tried) => tried % 50 === 0 && io.err(`  ${tried}/${cases}`));
    off();
    writeReports(report, { json: jsonReport }, textReport, given, io);
    return report.findings.length === 0 ? 'done' : 'findings';
  },
};

async function askerOf(given: Given, cases: number, io: Io): Promise<Asker> {
  const target = await targetOf(given, 'fuzz');
  const allowance = {
    ...DEFAULT_ALLOWANCE,
    connections: cases * CONNECTIONS_PER_CASE + 1_000,
    rate: numberOf(given, 'rate', DEFAULT_ALLOWANCE.rate),
    seconds: numberOf(given, 'seconds', SECONDS),
    bytes: 1_073_741_824,
  };
  return {
    target,
    budget: new Budget(allowance),
    patience: DEFAULT_PATIENCE,
    trust: trustOf(given),
    login: { always: fieldsOf(given), token: await tokenOf(given, io), place: placeOf(given) },
  };
}

async function replayAll(files: readonly string[], asker: Asker, io: Io): Promise<Exit> {
  let exit: Exit = 'done';
  const cases = files.map((file) => [file, replayed(file)] as const);
  await find(asker);
  for (const [file, made] of cases) {
    const verdict = await tryCase(asker, made);
    io.out(`${file}: ${verdict ? `${verdict.oracle}: ${verdict.seen}` : 'not seen any more'}`);
    if (verdict) exit = 'findings';
  }
  return exit;
}

function replayed(file: string) {
  const text = readText(file);
  try {
    return readFinding(text);
  } catch (error) {
    throw new UsageError(`${file}: ${(error as Error).message}`);
  }
}

function schemaOf(given: Given): Messages | undefined {
  const file = given.text('schema');
  return file === undefined ? undefined : messagesIn(file, given.text('refusal'));
}

/** Where a process says what it holds. What cannot be asked is not judged. */
function memoryOf(given: Given): (() => Promise<number | undefined>) | undefined {
  const url = given.text('metrics');
  if (url === undefined) return undefined;
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    throw new UsageError(`--metrics is a URL like http://host/metrics; not ${JSON.stringify(url)}`);
  return async () => {
    try {
      const text = await (await fetch(url, { signal: AbortSignal.timeout(5_000) })).text();
      const [, bytes] = /^process_resident_memory_bytes(?:\{[^}]*\})? (\S+)/m.exec(text) ?? [];
      return bytes === undefined ? undefined : Number(bytes);
    } catch {
      return undefined;
    }
  };
}

function writeFinding(finding: Finding, given: Given): void {
  const folder = given.text('findings');
  if (folder === undefined) return;
  writeFileSync(join(folder, `${finding.oracle}-${finding.index}.json`), findingFile(finding));
}

function numberOf(given: Given, name: string, otherwise: number): number {
  const text = given.text(name);
  if (text === undefined) return otherwise;
  const least = name === 'seed' ? 0 : 1;
  if (!/^\d{1,9}$/.test(text) || Number(text) < least)
    throw new UsageError(`--${name} is a whole number from ${least} on; not ${JSON.stringify(text)}`);
  return Number(text);
}
