import { readFileSync } from 'node:fs';
import { parse, YAMLParseError } from 'yaml';
import { UsageError } from './verb.ts';

/** What a YAML or JSON file holds. @throws UsageError that says in one line why it cannot be read. */
export function readYaml(file: string): unknown {
  try {
    return parse(readFileSync(file, 'utf8'));
  } catch (error) {
    // What is behind the first line shows the place again, as a drawing.
    const why =
      error instanceof YAMLParseError
        ? error.message.split(/:?\n/, 1)[0]
        : (error as NodeJS.ErrnoException).code;
    throw new UsageError(`cannot read ${file}: ${why}`);
  }
}
