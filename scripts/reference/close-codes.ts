import { REFUSALS } from '../../src/errors.ts';
import { CLOSE_CODES } from '../../src/protocol/close-codes.ts';
import { codes, type Page, page, table } from './markdown.ts';

export function closeCodesPage(): Page {
  return page(
    'close-codes.md',
    'Close codes',
    '`src/protocol/close-codes.ts`',
    'A close code tells a client what to do. Of Sallyport’s own, 3000–3499 and 4000–4499 say “reconnect, with the ' +
      'advertised spread”; 3500–3999 and 4500–4999 say “do not”. The others keep the meaning that RFC 6455 and its ' +
      'registry give them. 1004, 1005, 1006 and 1015 are never sent.',
    table(
      ['Code', 'Name', 'Reconnect', 'Meaning', 'Refusals'],
      Object.entries(CLOSE_CODES).map(([number, { name, reconnect, meaning }]) => [
        number,
        name,
        {
          never: 'no',
          soon: 'yes',
          slowly: 'yes, no sooner than last time',
          renewed: 'yes, with a fresh credential',
        }[reconnect],
        meaning,
        codes(refusalsWith(Number(number))),
      ]),
    ),
  );
}

function refusalsWith(close: number): string[] {
  return Object.entries(REFUSALS)
    .filter(([, row]) => row.close === close)
    .map(([name]) => name);
}
