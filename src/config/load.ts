import path from 'node:path';
import { conflictsOf } from './checks.ts';
import { type Reading, readDocument } from './document.ts';
import type { Environment } from './environment.ts';
import { readFault, readText } from './files.ts';
import { problemsOf } from './issues.ts';
import { Places } from './places.ts';
import { type ConfigPath, type ConfigProblem, pathText } from './problem.ts';
import { CONFIG, type Config, configJsonSchema } from './schema.ts';

/** A configuration that is right in itself: its files and expressions are looked at by `compilePlan`. */
export interface Loaded {
  /** Absolute; where relative paths start. */
  readonly directory: string;
  /** As the user named it; what problems are reported under. */
  readonly file: string;
  /** The absolute path of the file; undefined for a configuration that a program made. */
  readonly source: string | undefined;
  readonly config: Config;
  /** As written, before units and defaults. */
  readonly written: unknown;
  readonly places: Places;
}

/** Larger than any configuration, smaller than what could hurt, in bytes. */
const MAX_BYTES = 1_048_576;

/**
 * Reads a configuration file: YAML (or JSON, which is YAML), with `${NAME}` from the environment.
 *
 * @returns the configuration, or every problem that it has. Never throws.
 */
export function loadConfig(file: string, environment: Environment = process.env): Loaded | ConfigProblem[] {
  try {
    return parseConfig(file, readText(file, MAX_BYTES), environment);
  } catch (error) {
    return [{ file, line: 1, column: 1, path: '', message: readFault(error) }];
  }
}

/** As `loadConfig`, for a text that would stand in `file`. */
export function parseConfig(
  file: string,
  text: string,
  environment: Environment = process.env,
): Loaded | ConfigProblem[] {
  return examine(file, path.resolve(file), readDocument(file, text, environment));
}

/** As `loadConfig`, for values that a program made; `directory` is where relative paths start. */
export function fromValues(values: unknown, directory: string): Loaded | ConfigProblem[] {
  const reading = { value: values, places: new Places(), problems: [], fromEnvironment: new Set<string>() };
  return examine('(program)', undefined, reading, path.resolve(directory));
}

export function isLoaded(result: Loaded | readonly ConfigProblem[]): result is Loaded {
  return !Array.isArray(result);
}

function examine(
  file: string,
  source: string | undefined,
  reading: Reading,
  directory = path.dirname(source ?? '.'),
): Loaded | ConfigProblem[] {
  const { places } = reading;
  if (reading.value === undefined) return [...reading.problems];
  const { value, parsed } = parse(reading);
  const problems = [
    ...reading.problems,
    ...(parsed.error ? problemsOf(parsed.error.issues, value, configJsonSchema(), file, places) : []),
    ...conflictsOf(value).map(({ path: at, message, expected, nearest }) => ({
      file,
      ...places.ofValue(at),
      path: pathText(at),
      message,
      ...(expected !== undefined && { expected }),
      ...(nearest !== undefined && { nearest }),
    })),
  ];
  if (problems.length > 0 || !parsed.data) return inOrder(problems);
  return { directory, file, source, config: parsed.data, written: value, places };
}

/** A text that came from the environment may stand where a number or a truth value is wanted. */
function parse({ value, fromEnvironment }: Reading) {
  const parsed = CONFIG.safeParse(value);
  let converted = false;
  for (const issue of parsed.error?.issues ?? []) {
    if (issue.code !== 'invalid_type' || !fromEnvironment.has(pathText(issue.path as ConfigPath))) continue;
    converted = convert(value, issue.path as ConfigPath, issue.expected) || converted;
  }
  return { value, parsed: converted ? CONFIG.safeParse(value) : parsed };
}

function convert(value: unknown, at: ConfigPath, expected: string): boolean {
  const parent = at
    .slice(0, -1)
    .reduce<unknown>((found, step) => (found as Record<string, unknown>)[step], value);
  const holder = parent as Record<string | number, unknown>;
  const last = at.at(-1)!;
  const text = String(holder[last]);
  if (expected === 'boolean' && /^(true|false)$/.test(text)) holder[last] = text === 'true';
  else if (/^(number|int)$/.test(expected) && /^-?\d{1,15}(\.\d{1,15})?$/.test(text))
    holder[last] = Number(text);
  else return false;
  return true;
}

/** By file and place, without repetitions. */
export function inOrder(problems: readonly ConfigProblem[]): ConfigProblem[] {
  const unique = new Map(problems.map((each) => [JSON.stringify(each), each]));
  return [...unique.values()].sort((a, b) => a.line - b.line || a.column - b.column);
}
