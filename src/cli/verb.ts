import type { Exit } from './exit.ts';
import type { Io } from './io.ts';

/** An option of a verb: what `parseArgs` must know, and what `--help` says. */
export interface Option {
  readonly type: 'string' | 'boolean';
  readonly short?: string;
  /** May be given several times. */
  readonly multiple?: boolean;
  /** What stands for the value in the help (`FILE`). */
  readonly value?: string;
  readonly help: string;
}

/** What was given on the command line. */
export interface Given {
  /** The value of an option; the last if it was repeated. */
  text(option: string): string | undefined;
  texts(option: string): readonly string[];
  flag(option: string): boolean;
  readonly positionals: readonly string[];
}

/** A row of the table in `verbs.ts`: what is known of a verb before its file is loaded. */
export interface VerbRow {
  readonly name: string;
  /** One line. */
  readonly summary: string;
  /** Each verb needs modules of its own, and nobody pays for those of another. */
  load(): Promise<{ readonly verb: Verb }>;
}

/** One thing `sallyport` can do: one file, which exports it as `verb`. */
export interface Verb {
  /** What may follow the name: `[FILE]`. */
  readonly positionals: readonly string[];
  readonly options: Readonly<Record<string, Option>>;
  /** Whole command lines, without `sallyport`: for the help. */
  readonly examples: readonly string[];
  /** Whatever else the help should say. */
  readonly notes?: string;
  run(given: Given, io: Io): Promise<Exit> | Exit;
}

/** The command line was not understood; the message says why, in one line. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export const JSON_OPTION: Option = { type: 'boolean', help: 'Write JSON for programs instead of text.' };

/** Where the configuration is if nothing is said. */
export const DEFAULT_FILE = 'sallyport.yaml';
