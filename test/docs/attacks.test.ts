import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { attacksPage, filesByRow, rowsIn } from '../../scripts/attacks.ts';
import { CATALOGUE } from '../attacks/catalogue.ts';

const rows = CATALOGUE.flatMap((group) => group.rows);
const files = filesByRow();

describe('docs/attacks.md', () => {
  it('is what catalogue and tests say; if not, run `npm run docs`', () => {
    expect(readFileSync('docs/attacks.md', 'utf8')).toBe(attacksPage());
  });
});

describe('the catalogue', () => {
  it('has each row once', () => {
    const ids = rows.map(([id]) => id);
    expect(ids.filter((id, place) => ids.indexOf(id) !== place)).toEqual([]);
  });

  it('covers each row, or says why not, and never both', () => {
    const wrong = rows.filter(([id, , reason]) => files.has(id) === (reason !== undefined));
    expect(wrong.map(([id]) => id)).toEqual([]);
  });

  it('knows every row that a test names', () => {
    const known = new Set<string>(rows.map(([id]) => id));
    const unknown = [...files].filter(([id]) => !known.has(id));
    expect(unknown).toEqual([]);
  });

  it('has every attack in it', () => {
    const named = new Set([...files.values()].flat());
    const attacks = readdirSync('test/attacks').filter((name) => name.endsWith('.test.ts'));
    expect(attacks.filter((name) => !named.has(`test/attacks/${name}`))).toEqual([]);
  });
});

describe('rowsIn', () => {
  it.each([
    ['// HS-01', ['HS-01']],
    ['// HS-24 HS-25', ['HS-24', 'HS-25']],
    ['  // AU-03, AU-04: a secret, as in JW-25', ['AU-03', 'AU-04']],
    ['/** FR-15: lengths */', ['FR-15']],
    ['// SM-04 D7', ['SM-04', 'D7']],
    ['// see HS-01', []],
    ['const id = "HS-01";', []],
  ])('%j', (line, ids) => {
    expect([...rowsIn(`${line}\n`)]).toEqual(ids);
  });
});
