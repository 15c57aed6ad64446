import { EXIT } from '../../src/cli/exit.ts';
import type { VerbRow } from '../../src/cli/verb.ts';
import { VERBS } from '../../src/cli/verbs.ts';
import { code, type Page, page, table } from './markdown.ts';

export async function commandLinePage(): Promise<Page> {
  const verbs = await Promise.all(VERBS.map(sectionOf));
  return page(
    'command-line.md',
    'Command line',
    '`src/cli`',
    'Answers go to standard output, faults to standard error. Colours are for terminals, unless `NO_COLOR` is set.',
    ...verbs.flat(),
    '## Exit codes',
    table(
      ['Code', 'Meaning'],
      Object.values(EXIT).map(({ code: number, meaning }) => [String(number), meaning]),
    ),
  );
}

async function sectionOf({ name, summary, load }: VerbRow): Promise<string[]> {
  const { positionals, options, notes, examples } = (await load()).verb;
  const rows = Object.entries(options).map(([option, { short, value, help }]) => [
    code([short && `-${short},`, `--${option}`, value].filter(Boolean).join(' ')),
    help,
  ]);
  return [
    `## ${['sallyport', name, ...positionals].join(' ')}`,
    summary,
    ...(rows.length > 0 ? [table(['Option', 'Meaning'], rows)] : []),
    ...(notes === undefined ? [] : [['```text', notes, '```'].join('\n')]),
    ['```sh', ...examples.map((line) => `sallyport ${line}`), '```'].join('\n'),
  ];
}
