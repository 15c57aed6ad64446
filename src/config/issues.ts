import type { z } from 'zod';
import { describedAt, type JsonSchema, keysAt } from './json-schema.ts';
import { nearest } from './nearest.ts';
import type { Place, Places } from './places.ts';
import { type ConfigPath, type ConfigProblem, pathText } from './problem.ts';

type Issue = z.core.$ZodIssue;

/** What a fault says, before it has a place. */
interface Finding {
  readonly path: ConfigPath;
  /** Whether the fault is the key's rather than the value's. */
  readonly atKey?: boolean;
  readonly message: string;
  readonly expected?: string | undefined;
  readonly nearest?: string | undefined;
}

/** What the faults that zod found in a value look like to the one who wrote it. */
export function problemsOf(
  issues: readonly Issue[],
  value: unknown,
  schema: JsonSchema,
  file: string,
  places: Places,
): ConfigProblem[] {
  const misnamed = new Set(issues.filter(isUnknownKey).map(({ path }) => path.join('\0')));
  return issues
    .filter((issue) => issue.code !== 'custom' || !misnamed.has(issue.path.join('\0')))
    .flatMap((issue) => findingsOf(issue, [], value, schema))
    .map((finding) => placed(finding, file, places));
}

/** A mapping with an unknown key cannot say more: its other rules see it without that key. */
function isUnknownKey(issue: Issue): boolean {
  return issue.code === 'unrecognized_keys';
}

function placed(finding: Finding, file: string, places: Places): ConfigProblem {
  const place: Place = finding.atKey ? places.ofKey(finding.path) : places.ofValue(finding.path);
  return {
    file,
    line: place.line,
    column: place.column,
    path: pathText(finding.path),
    message: finding.message,
    ...(finding.expected !== undefined && { expected: finding.expected }),
    ...(finding.nearest !== undefined && { nearest: finding.nearest }),
  };
}

function findingsOf(issue: Issue, base: ConfigPath, value: unknown, schema: JsonSchema): Finding[] {
  const path = [...base, ...issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step))];
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownKey(path, key, keysAt(schema, path)));
    case 'invalid_type':
      return [wrongType(path, wordOf(issue.expected), at(value, path), schema)];
    case 'invalid_value':
      return [wrongChoice(path, issue.values.map(String), at(value, path))];
    case 'invalid_union':
      return union(issue, path, value, schema);
    case 'invalid_key':
      return [{ path, atKey: true, message: `this key is not ${issue.issues[0]?.message ?? 'allowed'}` }];
    case 'too_small':
    case 'too_big':
      return [{ path, message: boundText(issue) }];
    default:
      return [saidByItself(path, issue.message)];
  }
}

/** Patterns and refinements say what they want as a noun (`a duration like 10s`), or what is wrong as a sentence. */
function saidByItself(path: ConfigPath, text: string): Finding {
  if (/^(at least|at most|between) /.test(text)) return { path, message: `must be ${text}` };
  if (!/^(an?|one|printable) /.test(text)) return { path, message: text };
  return { path, message: 'not of the right form', expected: text };
}

function unknownKey(path: ConfigPath, key: string, valid: readonly string[]): Finding {
  return {
    path: [...path, key],
    atKey: true,
    message: `unknown key ${JSON.stringify(key)}`,
    expected: valid.length > 0 ? listOf(valid) : undefined,
    nearest: nearest(key, valid),
  };
}

function wrongType(path: ConfigPath, expected: string, found: unknown, schema: JsonSchema): Finding {
  if (found !== undefined)
    return { path, message: found === null ? 'nothing stands here' : `found ${kindOf(found)}`, expected };
  const name = path.at(-1);
  const description = describedAt(schema, path);
  return {
    path,
    atKey: true,
    message: typeof name === 'string' ? `${JSON.stringify(name)} is missing` : 'a value is missing',
    expected: description === undefined ? expected : `${expected}: ${description}`,
  };
}

function wrongChoice(path: ConfigPath, values: readonly string[], found: unknown): Finding {
  return {
    path,
    message: found === undefined ? 'a value is missing' : 'not one of the possible values',
    expected: listOf(values.map((value) => JSON.stringify(value))),
    nearest: typeof found === 'string' ? nearest(found, values) : undefined,
  };
}

/** Of several forms, the faults of the one that was meant: the one that fails deepest, not at its very kind. */
function union(
  issue: Extract<Issue, { code: 'invalid_union' }>,
  path: ConfigPath,
  value: unknown,
  schema: JsonSchema,
): Finding[] {
  const found = at(value, path);
  const meant = issue.errors
    .filter((branch) => !branch.some((each) => isOfAnotherKind(each)))
    .sort((a, b) => a.length - b.length)[0];
  if (meant) return meant.flatMap((each) => findingsOf(each, path, value, schema));
  const all = issue.errors.flat().flatMap((each) => findingsOf(each, path, value, schema));
  const expected = listOf([...new Set(all.flatMap((finding) => finding.expected ?? []))], 'or');
  const said = issue.message === 'Invalid input' ? undefined : issue.message;
  const close = all.find((finding) => finding.nearest !== undefined)?.nearest;
  const missing = found === undefined;
  return [
    {
      path,
      atKey: missing,
      message: missing ? `${JSON.stringify(path.at(-1))} is missing` : `found ${kindOf(found)}`,
      expected: said ?? (expected === '' ? undefined : expected),
      nearest: close,
    },
  ];
}

function isOfAnotherKind(issue: Issue): boolean {
  if (issue.path.length > 0) return false;
  if (issue.code === 'invalid_union') return issue.errors.every((branch) => branch.some(isOfAnotherKind));
  return issue.code === 'invalid_type' || issue.code === 'invalid_value';
}

function boundText(issue: Extract<Issue, { code: 'too_small' | 'too_big' }>): string {
  const small = issue.code === 'too_small';
  const bound = String(small ? issue.minimum : issue.maximum);
  const unit = { string: ' characters', array: ' entries', set: ' entries', map: ' entries' }[
    issue.origin as string
  ];
  if (small && unit !== undefined && bound === '1') return 'must not be empty';
  if (small && issue.inclusive === false) return `must be more than ${bound}${unit ?? ''}`;
  return `must be at ${small ? 'least' : 'most'} ${bound}${unit ?? ''}`;
}

function at(value: unknown, path: ConfigPath): unknown {
  let found = value;
  for (const step of path) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, step)) return undefined;
    found = (found as Record<string | number, unknown>)[step];
  }
  return found;
}

const WORDS: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'a mapping',
  record: 'a mapping',
  array: 'a list',
  null: 'nothing',
};

function wordOf(type: string): string {
  return WORDS[type] ?? type;
}

function kindOf(value: unknown): string {
  if (value === null) return 'nothing';
  return wordOf(Array.isArray(value) ? 'array' : typeof value);
}

function listOf(words: readonly string[], last = 'or'): string {
  if (words.length < 2) return words.join('');
  return `${words.slice(0, -1).join(', ')} ${last} ${words.at(-1)}`;
}
