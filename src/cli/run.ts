import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { nearest } from '../config/nearest.ts';
import { EXIT, type Exit } from './exit.ts';
import { generalHelp, verbHelp } from './help.ts';
import type { Io } from './io.ts';
import { type Given, UsageError, type Verb, type VerbRow } from './verb.ts';
import { VERBS } from './verbs.ts';

/** Runs one command line (without `node` and the script). Never throws: what goes wrong is one line, and an exit. */
export async function run(args: readonly string[], io: Io): Promise<Exit> {
  try {
    return await dispatch(args, io);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    // A line for each problem; whatever was typed cannot make one, or move the cursor.
    io.err(`${io.style('red', 'sallyport:')} ${message.split('\n').map(printable).join('\n')}`);
    return error instanceof UsageError ? 'usage' : 'failed';
  }
}

async function dispatch([word, ...rest]: readonly string[], io: Io): Promise<Exit> {
  if (word === undefined || word === 'help' || word === '--help' || word === '-h') {
    const about = rest[0] === undefined ? undefined : rowOf(rest[0]);
    io.out(about ? verbHelp(about, (await about.load()).verb, io) : generalHelp(VERBS, io));
    return word === undefined ? 'usage' : 'done';
  }
  if (word === '--version' || word === '-V') {
    io.out(versionOf());
    return 'done';
  }
  const row = rowOf(word);
  const { verb } = await row.load();
  if (rest.includes('--help') || rest.includes('-h')) {
    io.out(verbHelp(row, verb, io));
    return 'done';
  }
  return await verb.run(given(row.name, verb, rest), io);
}

function printable(line: string): string {
  return line.replace(/\p{C}/gu, (each) => `\\u{${each.codePointAt(0)!.toString(16)}}`);
}

/** The version of this package: its manifest lies beside `src` and `dist`. */
function versionOf(): string {
  const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}

function rowOf(word: string): VerbRow {
  const row = VERBS.find(({ name }) => name === word);
  if (row) return row;
  const names = VERBS.map(({ name }) => name);
  throw new UsageError(`there is no command ${JSON.stringify(word)}${hintOf(nearest(word, names), names)}`);
}

function given(name: string, verb: Verb, args: readonly string[]): Given {
  const { values, positionals } = parse(name, verb, args);
  if (positionals.length > verb.positionals.length)
    throw new UsageError(`${name} takes no ${JSON.stringify(positionals[verb.positionals.length])}`);
  const all = (option: string): readonly unknown[] => [values[option] ?? []].flat();
  return {
    positionals,
    text: (option) => all(option).at(-1) as string | undefined,
    texts: (option) => all(option) as string[],
    flag: (option) => values[option] === true,
  };
}

function parse(name: string, verb: Verb, args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: verb.options, allowPositionals: true, strict: true });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== 'ERR_PARSE_ARGS_UNKNOWN_OPTION') throw new UsageError(message.split('\n', 1)[0]);
    const word = /'(-[^']*)'/.exec(message)?.[1] ?? '';
    const names = Object.keys(verb.options).map((option) => `--${option}`);
    throw new UsageError(`${name} has no option ${word}${hintOf(nearest(word, names), names)}`);
  }
}

function hintOf(close: string | undefined, all: readonly string[]): string {
  return close === undefined ? `; there are ${all.join(', ')}` : `; did you mean ${close}?`;
}

/** For `process.exitCode`. */
export function codeOf(exit: Exit): number {
  return EXIT[exit].code;
}
