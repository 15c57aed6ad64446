import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { referencePages } from '../../scripts/reference/pages.ts';
import { OPERATIONS } from '../../src/admin/operations.ts';
import { REFUSAL_CODES } from '../../src/errors.ts';
import { CLOSE_CODES } from '../../src/protocol/close-codes.ts';
import { EVENTS } from '../../src/record/events.ts';
import { METRICS } from '../../src/record/metrics.ts';

const FOLDER = 'docs/reference';
const pages = await referencePages();
const written = (file: string) => readFileSync(join(FOLDER, file), 'utf8');

describe('docs/reference', () => {
  it.each(pages)('$file is what the source says; if not, run `npm run docs`', ({ file, text }) => {
    expect(written(file)).toBe(text);
  });

  it('has no page that nothing writes', () => {
    expect(readdirSync(FOLDER).sort()).toEqual(pages.map(({ file }) => file).sort());
  });

  it.each([
    ['metrics.md', Object.keys(METRICS), /^\| `(sallyport_\w+)` \| (?:counter|gauge|histogram) /gm],
    ['events.md', Object.keys(EVENTS), /^\| `([\w.]+)` \| (?:debug|info|warn|error) /gm],
    ['refusals.md', [...REFUSAL_CODES], /^\| `(\w+)` \| \d{3} /gm],
    ['close-codes.md', Object.keys(CLOSE_CODES), /^\| (\d{4}) \|/gm],
    [
      'admin-api.md',
      OPERATIONS.map(({ method, path }) => `${method.toUpperCase()} ${path}`),
      /^## ([A-Z]+ \/.*)$/gm,
    ],
  ])('%s names each of its rows once, and no other', (file, names, row) => {
    expect(Array.from(written(file).matchAll(row), ([, name]) => name)).toEqual(names);
  });
});
