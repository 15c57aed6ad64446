import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CHECKS } from '../../src/audit/checks/list.ts';
import { GRADES } from '../../src/audit/grade.ts';
import { verb } from '../../src/cli/audit.ts';
import { fencesOf } from '../support/markdown.ts';

// docs/audit.md: its commands are understood, and its tables speak of checks and grades that there are.

const PAGE = 'docs/audit.md';
const text = readFileSync(PAGE, 'utf8');
const ids = new Set(CHECKS.map(({ id }) => id));

describe(PAGE, () => {
  const commands = fencesOf(PAGE).flatMap(({ text: fence }) =>
    [...fence.matchAll(/sallyport audit ((?:.|\\\n|\n {10}--)*)/g)].map(([, command = '']) => command),
  );

  it('shows options that there are', () => {
    expect(commands.length).toBeGreaterThan(3);
    const options = commands.flatMap((command) =>
      [...command.matchAll(/ --([a-z-]+)/g)].map(([, name = '']) => name),
    );
    const known = [...Object.keys(verb.options), 'print-token', 'print-ticket'];
    expect(options.filter((option) => !known.includes(option))).toEqual([]);
    expect(options).toContain('sarif');
  });

  it('names checks that there are', () => {
    const rows = [...text.matchAll(/^\| [\w ]+, `[\w-]+` \|(.*)\|$/gm)].map(([, cells = '']) => cells);
    const named = rows.flatMap((cells) => cells.split(/[|,]/).map((cell) => cell.replace(/[()\s]/g, '')));
    expect(rows.length).toBeGreaterThan(3);
    expect(named.filter((name) => name !== '–' && !ids.has(name))).toEqual([]);
  });

  it('gives grades that there are, and to Sallyport the best', () => {
    const [, grades = ''] = /^\| Sallyport \|(.*)\|$/m.exec(text) ?? [];
    expect(new Set(grades.split('|').map((cell) => cell.trim()))).toEqual(new Set([`${GRADES[0]} (0)`]));
  });
});
