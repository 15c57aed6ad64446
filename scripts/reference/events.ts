import { EVENTS, type EventRow } from '../../src/record/events.ts';
import { code, codes, type Page, page, table } from './markdown.ts';

export function eventsPage(): Page {
  return page(
    'events.md',
    'Events',
    '`src/record/events.ts`',
    'Each event is one line of JSON: `level`, `time` (UTC), `seq` (counts the lines of this process), `event`, and those ' +
      'of its fields that are known. Values are one line, printable, at most 256 characters, and free of whatever has the ' +
      'shape of a credential. Payloads are never logged.',
    'Of one event and refusal code, so many are logged in a second; the rest is counted and summed up in ' +
      '`log.suppressed`. Events marked “all” are never thinned out.',
    table(
      ['Event', 'Level', 'Logged', 'Meaning', 'Fields', 'Moves'],
      Object.entries<EventRow>(EVENTS).map(
        ([name, { level, whole, meaning, fields, counts = {}, times = [] }]) => [
          code(name),
          level,
          whole ? 'all' : 'sampled',
          meaning,
          codes(fields),
          codes([...Object.keys(counts), ...times]),
        ],
      ),
    ),
  );
}
