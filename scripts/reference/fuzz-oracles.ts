import { ORACLES } from '../../src/fuzz/oracle.ts';
import { code, type Page, page, table } from './markdown.ts';

export function fuzzOraclesPage(): Page {
  return page(
    'fuzz-oracles.md',
    'What a fuzz run looks for',
    '`src/fuzz/oracle.ts`',
    'What `sallyport fuzz` takes for wrong. The name stands in the report and in the name of the file.',
    table(
      ['Oracle', 'Meaning'],
      Object.entries(ORACLES).map(([name, meaning]) => [code(name), meaning]),
    ),
  );
}
