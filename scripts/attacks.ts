/**
 * Writes `docs/attacks.md` from `test/attacks/catalogue.ts` and the comments in the tests that name its rows. Run by
 * `npm run docs`; a test compares both.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { CATALOGUE, type Group, type Row } from '../test/attacks/catalogue.ts';
import { table } from './reference/markdown.ts';

const FILE = 'docs/attacks.md';

/** A comment that begins with ids, with commas or blanks between them; what follows is for people. */
const NAMING = /^\s*(?:\/\/|\/?\*{1,2}) ((?:(?:[A-Z][A-Z\d]-\d{2}|D\d{1,2})\b[, ]*)+)/gm;
const ID = /[A-Z][A-Z\d]-\d{2}|D\d{1,2}/g;

/** Which test files name which row, sorted. */
export function filesByRow(): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const file of [...filesIn('test'), ...filesIn('src')].filter(isTest)) {
    for (const id of rowsIn(readFileSync(file, 'utf8'))) found.set(id, [...(found.get(id) ?? []), file]);
  }
  return found;
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .sort();
}

/** The cases of the conformance suite are tables, which its tests run. */
function isTest(file: string): boolean {
  return file.endsWith('.test.ts') || /^test\/conformance\/cases\/.*\.ts$/.test(file);
}

/** The rows that a test names, each once. */
export function rowsIn(text: string): Set<string> {
  return new Set([...text.matchAll(NAMING)].flatMap(([, ids = '']) => ids.match(ID) ?? []));
}

/** The page, made anew. */
export function attacksPage(): string {
  const files = filesByRow();
  const rows = CATALOGUE.flatMap((group) => group.rows);
  const covered = rows.filter(([id]) => files.has(id)).length;
  return `${[
    '# Attacks',
    `<!-- Made from \`test/attacks/catalogue.ts\` and the comments of the tests by \`npm run docs\`; edit those, not this. -->`,
    'What a WebSocket gateway is attacked with, what fails around it, and the tests that show what Sallyport makes of it. ' +
      'A test names its rows in a comment (`// HS-01`); a row that no test names says why. ' +
      `Of ${rows.length} rows, ${covered} are covered.`,
    'One row alone: `npm test -- two-host-headers`. All of them: `npm test -- test/attacks`.',
    ...CATALOGUE.flatMap((group) => section(group, files)),
  ].join('\n\n')}\n`;
}

function section({ title, rows }: Group, files: ReadonlyMap<string, readonly string[]>): string[] {
  return [
    `## ${title}`,
    table(
      ['Row', 'What', 'Covered by'],
      rows.map((row) => cells(row, files)),
    ),
  ];
}

function cells([id, what, reason]: Row, files: ReadonlyMap<string, readonly string[]>): string[] {
  return [id, what, files.get(id)?.map(link).join(', ') ?? `— ${reason}`];
}

function link(file: string): string {
  return `[${basename(file).replace(/(\.test)?\.ts$/, '')}](../${file})`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  writeFileSync(FILE, attacksPage());
  console.log(FILE);
}
