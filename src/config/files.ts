import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { OptionsError } from '../pipeline/context.ts';

/** A file that the configuration names and that cannot be read. */
export class FileError extends OptionsError {
  /** The name as the configuration has it. */
  readonly written: string;

  constructor(written: string, reason: string) {
    super([{ path: [], message: `cannot read ${JSON.stringify(written)}: ${reason}` }]);
    this.written = written;
  }
}

/** Larger than any schema or certificate bundle, in bytes. */
const MAX_BYTES = 16_777_216;
const MAX_ENTRIES = 10_000;

/**
 * The files that a configuration names, read once each and remembered, so that all parts of a plan see the same bytes
 * and a watcher knows what to watch, those that could not be read included.
 */
export class ConfigFiles {
  readonly #directory: string;
  readonly #texts = new Map<string, string>();
  readonly #lists = new Map<string, readonly string[]>();
  readonly #seen = new Set<string>();

  /** @param directory where relative paths start */
  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Absolute paths of all files and folders that were asked for. */
  get seen(): readonly string[] {
    return [...this.#seen];
  }

  /** What stood in them: two readings that agree have the same. */
  get contents(): string {
    return JSON.stringify([[...this.#texts].sort(), [...this.#lists].sort()]);
  }

  resolve(name: string): string {
    return path.resolve(this.#directory, name);
  }

  /** @throws {FileError} */
  read(name: string): string {
    const file = this.resolve(name);
    this.#seen.add(file);
    const known = this.#texts.get(file);
    if (known !== undefined) return known;
    const text = attempt(name, () => readText(file));
    this.#texts.set(file, text);
    return text;
  }

  /** Names of the files in a folder, hidden ones left out, sorted. @throws {FileError} */
  list(name: string): string[] {
    const folder = this.resolve(name);
    this.#seen.add(folder);
    const list = attempt(name, () => {
      const names = readdirSync(folder).filter((entry) => !entry.startsWith('.'));
      if (names.length > MAX_ENTRIES) throw new Error(`more than ${MAX_ENTRIES} files`);
      return names.filter((entry) => statSync(path.join(folder, entry)).isFile()).sort();
    });
    this.#lists.set(folder, list);
    return list;
  }
}

function attempt<T>(name: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new FileError(name, readFault(error));
  }
}

/** The text of a file. Throws what `readFault` can put in words. */
export function readText(file: string, maxBytes = MAX_BYTES): string {
  const stat = statSync(file);
  if (stat.isDirectory()) throw new Error('this is a folder');
  // A pipe would block for ever, a device would never end.
  if (!stat.isFile()) throw new Error('this is not a regular file');
  if (stat.size > maxBytes) throw new Error(`larger than ${maxBytes} bytes`);
  return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file));
}

const FAULTS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'this process may not read it',
  EPERM: 'this process may not read it',
  ENOTDIR: 'a part of its path is not a folder',
  ELOOP: 'its symbolic links go round in a circle',
  EMFILE: 'this process has too many files open',
  ERR_ENCODING_INVALID_ENCODED_DATA: 'it is not UTF-8 text',
};

/** Why a file cannot be read, in words. */
export function readFault(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return code === undefined ? message : (FAULTS[code] ?? `it cannot be read (${code})`);
}
