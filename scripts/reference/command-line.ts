import { EXIT } from '../../src/cli/exit.ts';
import { VERBS } from '../../src/cli/run.ts';
import type { Verb } from '../../src/cli/verb.ts';
import { code, type Page, page, table } from './markdown.ts';

export function commandLinePage(): Page {
  return page(
    'command-line.md',
    'Command line',
    '`src/cli`',
    'Answers go to standard output, faults to standard error. Colours are for terminals, unless `NO_COLOR` is set.',
    ...VERBS.flatMap(verbOf),
    '## Exit codes',
    table(
      ['Code', 'Meaning'],
      Object.values(EXIT).map(({ code: number, meaning }) => [String(number), meaning]),
    ),
  );
}

function verbOf({ name, summary, positionals, options, notes }: Verb): string[] {
  const rows = Object.entries(options).map(([option, { short, value, help }]) => [
    code([short && `-${short},`, `--${option}`, value].filter(Boolean).join(' ')),
    help,
  ]);
  return [
    `## ${['sallyport', name, ...positionals].join(' ')}`,
    summary,
    ...(rows.length > 0 ? [table(['Option', 'Meaning'], rows)] : []),
    ...(notes === undefined ? [] : [['```text', notes, '```'].join('\n')]),
  ];
}
