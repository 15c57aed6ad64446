/** Where one finds a value: keys, and indexes counted from 0. */
export type ConfigPath = readonly (string | number)[];

/** One fault of a configuration, with its place. All faults of a file are reported together. */
export interface ConfigProblem {
  /** The configuration, or another file that it names. */
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  /** Counted from 1. */
  readonly column: number;
  /** As `routes[0].match.path`; empty for the file as a whole. */
  readonly path: string;
  /** What is wrong. The schema repeats no values: they may be secrets. */
  readonly message: string;
  /** What would have been right. */
  readonly expected?: string;
  /** The valid name that is closest to the one that was written. */
  readonly nearest?: string;
}

/** `['routes', 0, 'limits', 'perType', 'chat.send']` as `routes[0].limits.perType["chat.send"]`. */
export function pathText(path: ConfigPath): string {
  let text = '';
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`;
    else if (/^[\w$-]+$/.test(step)) text += text === '' ? step : `.${step}`;
    else text += `[${JSON.stringify(step)}]`;
  }
  return text;
}

/** One line for a person: `sallyport.yaml:12:5 routes[0].mach: unknown key "mach"; did you mean "match"?` */
export function problemText(problem: ConfigProblem): string {
  const place = `${problem.file}:${problem.line}:${problem.column}`;
  const about = problem.path === '' ? place : `${place} ${problem.path}`;
  const hint =
    problem.nearest !== undefined
      ? `did you mean ${JSON.stringify(problem.nearest)}?`
      : problem.expected !== undefined && `expected ${problem.expected}`;
  return hint ? `${about}: ${problem.message}; ${hint}` : `${about}: ${problem.message}`;
}

/** A configuration, or a part of it, that cannot be used. Thrown by those who can only throw. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    super(problems.map(problemText).join('\n'));
    this.problems = problems;
  }
}
