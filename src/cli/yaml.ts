import { parse, YAMLParseError } from 'yaml';
import { readText } from './files.ts';
import { UsageError } from './verb.ts';

/** What a YAML or JSON file holds. @throws UsageError that says in one line why it cannot be read. */
export function readYaml(file: string): unknown {
  const text = readText(file);
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof YAMLParseError)) throw error;
    // What is behind the first line shows the place again, as a drawing.
    throw new UsageError(`cannot read ${file}: ${error.message.split(/:?\n/, 1)[0]}`);
  }
}
