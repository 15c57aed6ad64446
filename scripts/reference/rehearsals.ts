import type { z } from 'zod';
import { MEASURES } from '../../src/load/contract.ts';
import { FAULTS } from '../../src/rehearse/faults.ts';
import { REHEARSAL_MEASURES } from '../../src/rehearse/promises.ts';
import { code, type Page, page, table } from './markdown.ts';

export function rehearsalsPage(): Page {
  const own = Object.entries(REHEARSAL_MEASURES).filter(([name]) => !(name in MEASURES));
  return page(
    'rehearsals.md',
    'Faults and measures of a rehearsal',
    '`src/rehearse`',
    '## Faults',
    'Each has `at`, and `for` where it is taken back.',
    table(
      ['Fault', 'Meaning', 'Options'],
      Object.entries(FAULTS).map(([name, { meaning, options }]) => [
        code(name),
        meaning,
        optionsText(options),
      ]),
    ),
    '## Measures',
    'Besides [those of a load](load-measures.md), but for `storm.recovery` and `outcomes.success`. Wrong are connections that are ' +
      'missing, half of the messages of a half second without an answer, newcomers outside, and checks of the health report that fail.',
    table(
      ['Measure', 'Unit', 'Meaning'],
      own.map(([name, { unit, meaning }]) => [code(name), unit, meaning]),
    ),
  );
}

function optionsText(options: z.ZodRawShape): string {
  const lines = Object.entries(options as Record<string, z.ZodType>).map(
    ([name, { description = '' }]) => `${code(name)}: ${description}`,
  );
  return lines.join(' ');
}
