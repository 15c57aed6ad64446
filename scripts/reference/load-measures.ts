import { MEASURES } from '../../src/load/contract.ts';
import { code, type Page, page, table } from './markdown.ts';

export function loadMeasuresPage(): Page {
  return page(
    'load-measures.md',
    'Measures of a load contract',
    '`src/load/contract.ts`',
    'What a line of a `contract` may speak of: `measure operator value`, with `<=`, `>=`, `<`, `>` or `==`. Milliseconds ' +
      'may be written as seconds.',
    table(
      ['Measure', 'Unit', 'Meaning'],
      Object.entries(MEASURES).map(([name, { unit, meaning }]) => [code(name), unit, meaning]),
    ),
  );
}
