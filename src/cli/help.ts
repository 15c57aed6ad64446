import { EXIT } from './exit.ts';
import type { Io } from './io.ts';
import type { Option, Verb, VerbRow } from './verb.ts';

/** What `sallyport --help` says. */
export function generalHelp(verbs: readonly VerbRow[], io: Io): string {
  return [
    'Sallyport, a WebSocket security gateway.',
    '',
    io.style('bold', 'Usage'),
    '  sallyport COMMAND [OPTIONS]',
    '  sallyport --version',
    '',
    io.style('bold', 'Commands'),
    ...table(verbs.map(({ name, summary }) => [name, summary])),
    '',
    io.style('bold', 'Exit codes'),
    ...table(Object.values(EXIT).map(({ code, meaning }) => [String(code), meaning])),
    '',
    'sallyport COMMAND --help says more of a command.',
  ].join('\n');
}

/** What `sallyport VERB --help` says. */
export function verbHelp({ name, summary }: VerbRow, verb: Verb, io: Io): string {
  const options = Object.entries(verb.options).map(([long, option]) => [spelling(long, option), option.help]);
  return [
    summary,
    '',
    io.style('bold', 'Usage'),
    `  sallyport ${[name, '[OPTIONS]', ...verb.positionals].join(' ')}`,
    '',
    io.style('bold', 'Options'),
    ...table([...options, ['-h, --help', 'Say this.']]),
    ...(verb.notes === undefined ? [] : ['', verb.notes]),
    '',
    io.style('bold', 'Examples'),
    ...verb.examples.map((line) => `  sallyport ${line}`),
  ].join('\n');
}

function spelling(name: string, { short, value, multiple }: Option): string {
  const long = value === undefined ? `--${name}` : `--${name} ${value}`;
  return `${short === undefined ? long : `-${short}, ${long}`}${multiple ? ' …' : ''}`;
}

function table(rows: readonly (readonly string[])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left!.length));
  return rows.map(([left, right]) => `  ${left!.padEnd(width)}  ${right}`);
}
