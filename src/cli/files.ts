import { accessSync, constants, mkdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { clean } from '../record/escape.ts';
import { UsageError } from './verb.ts';

/** What is in a file that the command line names. @throws UsageError that says in one line why it cannot be read. */
export function readBytes(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new UsageError(`cannot read ${named(file)}: ${causeOf(error)}`);
  }
}

/** The same, as text. */
export function readText(file: string): string {
  return readBytes(file).toString('utf8');
}

/** Whether a file can be written there: to be asked before any work is done for it. @throws UsageError */
export function checkWritable(file: string): void {
  try {
    const is = statSync(file, { throwIfNoEntry: false });
    if (file === '' || is?.isDirectory())
      throw Object.assign(new Error(), { code: is ? 'EISDIR' : 'ENOENT' });
    accessSync(is ? file : path.dirname(path.resolve(file)), constants.W_OK);
  } catch (error) {
    throw new UsageError(`cannot write ${named(file)}: ${causeOf(error)}`);
  }
}

/** Makes the folder that files are to be written to, if there is none. @throws UsageError */
export function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
  } catch (error) {
    throw new UsageError(`cannot write to ${named(folder)}: ${causeOf(error)}`);
  }
}

/** So that a name is seen that is empty, or has a line break in it. */
function named(file: string): string {
  return file.trim() === file && file !== '' ? clean(file) : JSON.stringify(file);
}

function causeOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return code === 'ERR_INVALID_ARG_VALUE' ? 'no file can have this name' : (code ?? message);
}
