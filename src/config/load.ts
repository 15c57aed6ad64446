import path from 'node:path';
import type { z } from 'zod';
import { type Conflict, conflictsOf } from './checks.ts';
import { type Reading, readDocument } from './document.ts';
import type { Environment } from './environment.ts';
import { readFault, readText } from './files.ts';
import { problemsOf } from './issues.ts';
import { Places } from './places.ts';
import { type ConfigPath, type ConfigProblem, pathText } from './problem.ts';
import { type Config, LANGUAGE, type Language } from './schema.ts';

/** A configuration as written, whatever may be wrong with it. */
export interface Written {
  /** Absolute; where relative paths start. */
  readonly directory: string;
  /** As the user named it; what problems are reported under. */
  readonly file: string;
  /** The absolute path of the file; undefined for a configuration that a program made. */
  readonly source: string | undefined;
  /** Before units and defaults; undefined if it could not even be read. */
  readonly value: unknown;
  readonly places: Places;
  /** What it was read by. */
  readonly language: Language;
}

/** A configuration that is right in itself: its files and expressions are looked at by `compilePlan`. */
export interface Loaded extends Written {
  readonly config: Config;
}

/** Larger than any configuration, smaller than what could hurt, in bytes. */
const MAX_BYTES = 1_048_576;

/**
 * Reads a configuration file: YAML (or JSON, which is YAML), with `${NAME}` from the environment.
 *
 * @returns the configuration, or every problem that it has by itself. Never throws.
 */
export function loadConfig(
  file: string,
  environment: Environment = process.env,
  language: Language = LANGUAGE,
): Loaded | ConfigProblem[] {
  return loadedOf(examineFile(file, environment, language));
}

/** The text of a configuration file, or why it cannot be read. */
export function readConfigText(file: string): string | ConfigProblem {
  try {
    return readText(file, MAX_BYTES);
  } catch (error) {
    return { file, line: 1, column: 1, path: '', message: readFault(error) };
  }
}

/** As `loadConfig`, for a text that would stand in `file`. */
export function parseConfig(
  file: string,
  text: string,
  environment: Environment = process.env,
  language: Language = LANGUAGE,
): Loaded | ConfigProblem[] {
  return loadedOf(examineText(file, text, environment, language));
}

/** As `loadConfig`, for values that a program made; `directory` is where relative paths start. */
export function fromValues(values: unknown, directory: string): Loaded | ConfigProblem[] {
  const reading = {
    value: values,
    places: new Places(),
    problems: [],
    fromEnvironment: NONE,
  };
  return loadedOf(
    examine(
      { file: '(program)', source: undefined, directory: path.resolve(directory), language: LANGUAGE },
      reading,
    ),
  );
}

export function isLoaded(result: Loaded | readonly ConfigProblem[]): result is Loaded {
  return !Array.isArray(result);
}

/** Everything that one reading of a configuration brought to light. */
export interface Examined {
  readonly written: Written;
  readonly problems: readonly ConfigProblem[];
  /** What the schema found, for those who want to go on with the rest. */
  readonly issues: readonly z.core.$ZodIssue[];
  /** Only if there are no problems. */
  readonly config: Config | undefined;
}

export function examineFile(file: string, environment: Environment, language: Language = LANGUAGE): Examined {
  const text = readConfigText(file);
  if (typeof text === 'string') return examineText(file, text, environment, language);
  return examine(sourceOf(file, language), { ...NOTHING, problems: [text] });
}

export function examineText(
  file: string,
  text: string,
  environment: Environment,
  language: Language = LANGUAGE,
): Examined {
  return examine(sourceOf(file, language), readDocument(file, text, environment));
}

const NONE: ReadonlySet<string> = new Set();
const NOTHING: Reading = { value: undefined, places: new Places(), problems: [], fromEnvironment: NONE };

type Source = Pick<Written, 'file' | 'source' | 'directory' | 'language'>;

function sourceOf(file: string, language: Language): Source {
  const source = path.resolve(file);
  return { file, source, directory: path.dirname(source), language };
}

function examine(source: Source, reading: Reading): Examined {
  const { places } = reading;
  if (reading.value === undefined)
    return {
      written: { ...source, value: undefined, places },
      problems: reading.problems,
      issues: [],
      config: undefined,
    };
  const { language } = source;
  const { value, parsed } = parse(reading, language);
  const written = { ...source, value, places };
  const issues = parsed.error?.issues ?? [];
  // A value that could not be read is not also called wrong.
  const unread = new Set(reading.problems.map((problem) => problem.path));
  // What there is to be said is looked up in the JSON Schema, which takes time and memory to make.
  const faults =
    issues.length > 0 ? problemsOf(issues, value, language.jsonSchema(), source.file, places) : [];
  const problems = inOrder([
    ...reading.problems,
    ...faults.filter(({ path: at }) => !unread.has(at)),
    ...conflictsOf(value).map((conflict) => problemOf(conflict, written)),
  ]);
  return { written, problems, issues, config: problems.length === 0 ? parsed.data : undefined };
}

function problemOf(
  { path: at, message, expected, nearest }: Conflict,
  { file, places }: Written,
): ConfigProblem {
  return {
    file,
    ...places.ofValue(at),
    path: pathText(at),
    message,
    ...(expected !== undefined && { expected }),
    ...(nearest !== undefined && { nearest }),
  };
}

function loadedOf({ written, config, problems }: Examined): Loaded | ConfigProblem[] {
  return config ? { ...written, config } : [...problems];
}

/** A text that came from the environment may stand where a number or a truth value is wanted. */
function parse({ value, fromEnvironment }: Reading, { config }: Language) {
  const parsed = config.safeParse(value);
  let converted = false;
  for (const issue of parsed.error?.issues ?? []) {
    if (issue.code !== 'invalid_type' || !fromEnvironment.has(pathText(issue.path as ConfigPath))) continue;
    converted = convert(value, issue.path as ConfigPath, issue.expected) || converted;
  }
  return { value, parsed: converted ? config.safeParse(value) : parsed };
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
