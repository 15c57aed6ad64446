import { REFUSALS, type RefusalRow } from '../../src/errors.ts';
import { code, type Page, page, table } from './markdown.ts';

export function refusalsPage(): Page {
  return page(
    'refusals.md',
    'Refusals',
    '`src/errors.ts`',
    'Every way Sallyport says no. The code is stable: it stands in the log, in metrics, in the close reason and in what a ' +
      'dialect answers. Before the 101 a refusal is an HTTP status, after it a [close code](close-codes.md).',
    table(
      ['Code', 'HTTP', 'Close', 'The peer is told', 'May try again', 'Meaning'],
      Object.entries<RefusalRow>(REFUSALS).map(([name, { status, close, told, retryable, meaning }]) => [
        code(name),
        String(status),
        `[${close}](close-codes.md)`,
        told,
        retryable ? 'yes' : 'no',
        meaning,
      ]),
    ),
  );
}
