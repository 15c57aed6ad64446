import path from 'node:path';
import { OptionsError, type OptionsProblem } from '../pipeline/context.ts';
import { FileError } from './files.ts';
import type { Written } from './load.ts';
import { type ConfigPath, type ConfigProblem, pathText } from './problem.ts';

/** Runs the builders of parts, and gives what they complain of its place in the configuration. */
export class Placer {
  readonly problems: ConfigProblem[] = [];
  readonly #written: Written;

  constructor(written: Written) {
    this.#written = written;
  }

  /** @param at what `work` was given, to which the paths of its problems are relative */
  attempt<T>(at: ConfigPath, work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      this.report(at, error);
      return undefined;
    }
  }

  /** What the builder of the part at this path threw. */
  report(at: ConfigPath, error: unknown): void {
    if (error instanceof FileError) this.#unreadable(at, error);
    else if (error instanceof OptionsError) for (const each of error.problems) this.#option(at, each);
    else this.fault(at, `cannot be built: ${error instanceof Error ? error.message : String(error)}`);
  }

  fault(at: ConfigPath, message: string): void {
    const place = this.#written.places.ofValue(at);
    this.problems.push({ file: this.#written.file, ...place, path: pathText(at), message });
  }

  /** A place in another file is better than the line that names it; a file as a whole is not. */
  #option(at: ConfigPath, { path: below, message, file, line }: OptionsProblem): void {
    const whole = [...at, ...below];
    const name = file === undefined ? '' : this.#nameOf(file);
    if (file !== undefined && line !== undefined)
      this.problems.push({ file: name, line, column: 1, path: pathText(whole), message });
    else this.fault(whole, message.includes(path.basename(name)) ? message : `${name}: ${message}`);
  }

  /** The line that names a file knows best what is wrong with it. */
  #unreadable(at: ConfigPath, error: FileError): void {
    const part = at.reduce<unknown>(
      (found, step) => (found as Record<string | number, unknown>)?.[step],
      this.#written.value,
    );
    const below = pathTo(part, error.written) ?? [];
    for (const { message } of error.problems) this.fault([...at, ...below], message);
  }

  /** As the user would name it, who named the configuration. */
  #nameOf(file: string): string {
    const { directory, file: named } = this.#written;
    const absolute = path.resolve(directory, file);
    return path.join(path.dirname(named), path.relative(directory, absolute));
  }
}

/** Where in a value this text stands, or starts (a file in a folder that is named). */
function pathTo(value: unknown, text: string): ConfigPath | undefined {
  if (typeof value === 'string') return value !== '' && text.startsWith(value) ? [] : undefined;
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [key, child] of Object.entries(value)) {
    const below = pathTo(child, text);
    if (below) return [Array.isArray(value) ? Number(key) : key, ...below];
  }
  return undefined;
}
